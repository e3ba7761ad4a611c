#include "engine/base/hex.h"

#include <gtest/gtest.h>

namespace p2p {
namespace {

const std::vector<std::byte> kBytes{std::byte{0x00}, std::byte{0x9f}, std::byte{0xaB}};

TEST(Hex, writes_lower_case) {
  EXPECT_EQ(to_hex(kBytes), "009fab");
  EXPECT_EQ(to_hex({}), "");
}

TEST(Hex, reads_either_case) {
  EXPECT_EQ(from_hex("009fab"), kBytes);
  EXPECT_EQ(from_hex("009FAB"), kBytes);
  EXPECT_EQ(from_hex(""), std::vector<std::byte>());
}

TEST(Hex, refuses_all_else) {
  for (const char* text : {"0", "0x", "009fa", "0g", " 00", "00 ", "00 9f", "-1", "\xc3\xa4"}) {
    EXPECT_EQ(from_hex(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace p2p
