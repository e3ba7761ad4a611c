#include "engine/base/digest.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/base/bytes.h"

namespace p2p {
namespace {

std::string sha256_hex(std::string_view text) {
  return sha256(std::as_bytes(std::span(text))).hex();
}

// FIPS 180-2, appendix B, and the empty message.
TEST(Sha256, gives_the_digests_of_the_standard) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// docs/protocol.md, Vectors.
TEST(Sha256, of_a_mebibyte_of_zeros) {
  const std::string expected = "30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58";
  EXPECT_EQ(sha256(std::vector<std::byte>(1 << 20)).hex(), expected);
  EXPECT_EQ(sha256_zero_filled({}, 1 << 20).hex(), expected);
}

TEST(Sha256, of_bytes_and_zeros_is_that_of_the_filled_bytes) {
  for (const size_t zeros : {size_t{1}, size_t{65'535}, size_t{65'536}, size_t{200'000}}) {
    std::vector<std::byte> bytes(100, std::byte{5});
    const Digest filled = sha256_zero_filled(bytes, zeros);
    bytes.resize(100 + zeros);
    EXPECT_EQ(filled, sha256(bytes)) << zeros;
  }
}

TEST(Digest, reads_what_it_writes) {
  const Digest digest = sha256(zero_bytes(1));
  EXPECT_EQ(digest.hex().size(), 64u);
  EXPECT_EQ(Digest::from_hex(digest.hex()), digest);
}

TEST(Digest, accepts_upper_case) {
  const std::string upper = "30E14955EBF1352266DC2FF8067E68104607E750ABB9D3B36582B8AF909FCB58";
  EXPECT_EQ(Digest::from_hex(upper), sha256_zero_filled({}, 1 << 20));
}

TEST(Digest, refuses_texts_that_are_not_64_digits) {
  const std::string good(64, 'a');
  EXPECT_TRUE(Digest::from_hex(good));
  EXPECT_FALSE(Digest::from_hex(good + "aa"));
  EXPECT_FALSE(Digest::from_hex(good.substr(2)));
  EXPECT_FALSE(Digest::from_hex(good.substr(1) + "g"));
  EXPECT_FALSE(Digest::from_hex(""));
}

}  // namespace
}  // namespace p2p
