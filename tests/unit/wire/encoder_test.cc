#include "engine/wire/encoder.h"

#include <gtest/gtest.h>

#include "engine/base/hex.h"
#include "tests/unit/wire/protocol_vectors.h"

namespace p2p::encoder_test {
namespace {

const PieceSize kOneKib = *PieceSize::from_bytes(1024);
const Digest kDigest = *Digest::from_hex(vectors::kZeroPieceDigest);
const std::string kDigestHex(vectors::kZeroPieceDigest);

std::string encoded(const Message& message) {
  std::vector<std::byte> bytes;
  append_frame(bytes, message);
  return to_hex(bytes);
}

TEST(Encoder, appends_behind_what_the_buffer_holds) {
  std::vector<std::byte> bytes;
  append_frame(bytes, AskMessage{kDigest});
  append_frame(bytes, PeerMessage{});
  append_digest_list(bytes, FrameType::want, std::span(&kDigest, 1));
  EXPECT_EQ(to_hex(bytes), std::string(vectors::kAsk) + "0100000002" + std::string(vectors::kWant));
}

TEST(Encoder, writes_each_kind_of_digest_list) {
  EXPECT_EQ(encoded(DigestListMessage{FrameType::have, {kDigest}}), "2100000011" + kDigestHex);
  EXPECT_EQ(encoded(DigestListMessage{FrameType::lack, {kDigest}}), "2100000012" + kDigestHex);
  EXPECT_EQ(encoded(DigestListMessage{FrameType::cancel, {kDigest, kDigest}}),
            "4100000013" + kDigestHex + kDigestHex);
}

TEST(Encoder, writes_found_as_id_counts_holders_nearest) {
  const FoundMessage found{
      kDigest, {Endpoint{Address::loopback(), 8100}}, {Endpoint{Address::v4(192, 0, 2, 7), 52197}}};
  EXPECT_EQ(encoded(found), "4700000015" + kDigestHex +
                                "0101"
                                "00000000000000000000000000000001a41f"
                                "00000000000000000000ffffc0000207e5cb");
}

TEST(Encoder, writes_37_bytes_before_a_payload) {
  EXPECT_EQ(to_hex(encode_give_header(kDigest, kOneKib)), "2104000001" + kDigestHex);
  EXPECT_EQ(to_hex(encode_trim_header(kDigest, 0, kOneKib)), "2100000016" + kDigestHex);
  EXPECT_EQ(to_hex(encode_trim_header(kDigest, 1023, kOneKib)), "2004000016" + kDigestHex);
}

TEST(Encoder, writes_a_record_with_a_little_endian_port) {
  EXPECT_EQ(to_hex(encode_record(*Endpoint::parse("192.0.2.7:52197"))),
            "00000000000000000000ffffc0000207e5cb");
}

TEST(Encoder, ends_the_program_of_a_caller_who_exceeds_the_counts) {
  std::vector<std::byte> out;
  EXPECT_DEATH(append_frame(out, PeerMessage{std::vector<Endpoint>(1025), {}}), "");
  EXPECT_DEATH(append_frame(out, PeerMessage{{}, std::vector<std::byte>(18)}), "");
  EXPECT_DEATH(append_digest_list(out, FrameType::want, {}), "");
  EXPECT_DEATH(append_digest_list(out, FrameType::want, std::vector<Digest>(1025)), "");
  EXPECT_DEATH(append_digest_list(out, FrameType::ask, std::span(&kDigest, 1)), "");
  EXPECT_DEATH(append_frame(out, FoundMessage{{}, std::vector<Endpoint>(33), {}}), "");
  EXPECT_DEATH(append_frame(out, FoundMessage{{}, {}, std::vector<Endpoint>(9)}), "");
  EXPECT_DEATH(encode_trim_header(kDigest, 1024, kOneKib), "");
}

}  // namespace
}  // namespace p2p::encoder_test
