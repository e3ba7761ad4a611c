#include "engine/base/bytes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/hex.h"

namespace p2p {
namespace {

TEST(LittleEndian, puts_the_low_byte_first) {
  std::vector<std::byte> bytes(8);
  store_u16le(bytes, 0x1fa4);
  EXPECT_EQ(to_hex(bytes), "a41f000000000000");
  store_u32le(bytes, 0x01020304);
  EXPECT_EQ(to_hex(bytes), "0403020100000000");
  store_u64le(bytes, 0x0123456789abcdef);
  EXPECT_EQ(to_hex(bytes), "efcdab8967452301");
}

TEST(LittleEndian, reads_what_it_wrote_up_to_the_largest) {
  const std::vector<std::byte> bytes(8, std::byte{0xff});
  EXPECT_EQ(load_u16le(bytes), 0xffff);
  EXPECT_EQ(load_u32le(bytes), 0xffffffff);
  EXPECT_EQ(load_u64le(bytes), 0xffffffffffffffff);
  EXPECT_EQ(load_u32le(*from_hex("2100000000")), 33u);
}

TEST(LittleEndian, ends_the_program_of_a_caller_with_too_few_bytes) {
  std::vector<std::byte> bytes(3);
  EXPECT_DEATH(load_u32le(bytes), "");
  EXPECT_DEATH(store_u32le(bytes, 1), "");
}

TEST(Slice, shares_the_bytes_of_its_block) {
  const Slice whole = Slice::copy_of(*from_hex("00010203040506"));
  const Slice part = whole.sub(2, 3);
  EXPECT_EQ(to_hex(part.bytes()), "020304");
  EXPECT_EQ(part.bytes().data(), whole.bytes().data() + 2);
  EXPECT_EQ(to_hex(part.sub(1, 2).bytes()), "0304");
}

TEST(Slice, outlives_the_slice_that_it_was_made_from) {
  Slice part;
  {
    const Slice whole = Slice::copy_of(*from_hex("0a0b0c"));
    part = whole.sub(1, 1);
  }
  EXPECT_EQ(to_hex(part.bytes()), "0b");
}

TEST(Slice, may_be_empty) {
  EXPECT_TRUE(Slice().empty());
  EXPECT_TRUE(Slice().bytes().empty());
  EXPECT_TRUE(Slice().sub(0, 0).empty());
  EXPECT_TRUE(Slice::copy_of({}).empty());
  EXPECT_TRUE(Slice::copy_of(*from_hex("00")).sub(1, 0).empty());
}

TEST(Slice, ends_the_program_of_a_caller_who_reaches_beyond) {
  const Slice slice = Slice::copy_of(*from_hex("0001"));
  EXPECT_DEATH(slice.sub(1, 2), "");
  EXPECT_DEATH(slice.sub(3, 0), "");
  EXPECT_DEATH(slice.sub(1, static_cast<size_t>(-1)), "");
}

TEST(ZeroBytes, are_zero_and_at_most_64_kib_a_call) {
  EXPECT_EQ(zero_bytes(0).size(), 0u);
  EXPECT_EQ(zero_bytes(1).size(), 1u);
  const auto most = zero_bytes(uint64_t{1} << 40);
  EXPECT_EQ(most.size(), 65'536u);
  EXPECT_EQ(std::count(most.begin(), most.end(), std::byte{0}), 65'536);
}

TEST(TrailingZeros, are_taken_off_down_to_the_last_other_byte) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{4095}, size_t{4096}, size_t{100'000}}) {
    std::vector<std::byte> bytes(size);
    EXPECT_EQ(length_without_trailing_zeros(bytes), 0u) << size;
    for (const size_t last : {size_t{0}, size / 2, size - 1}) {
      if (last >= size) continue;
      bytes[last] = std::byte{1};
      EXPECT_EQ(length_without_trailing_zeros(bytes), last + 1) << size;
    }
  }
}

}  // namespace
}  // namespace p2p
