#include "apps/p2pnode/demo.h"

#include <gtest/gtest.h>

#include <set>

namespace p2p::app {
namespace {

TEST(DemoPiece, is_its_number_and_then_zeros) {
  const PieceSize piece_size;
  for (const uint32_t number : {0U, 1U, 256U, 74U, 0x01020304U}) {
    std::vector<std::byte> whole(piece_size.bytes());
    store_u32le(whole, number);
    EXPECT_EQ(demo_piece(number, piece_size).digest, sha256(whole)) << number;
  }
}

TEST(DemoPiece, number_0_is_the_piece_of_zeros_of_the_specification) {
  EXPECT_EQ(demo_piece(0, PieceSize()).digest.hex(),
            "30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58");
  EXPECT_TRUE(demo_piece(0, PieceSize()).bytes.empty());
}

TEST(DemoChoice, wants_what_it_does_not_have) {
  Random random{Seed{1}};
  const auto choice = choose_demo({75, 40, 20}, random);
  EXPECT_EQ(choice.have.size(), 40U);
  EXPECT_EQ(choice.want.size(), 20U);
  std::set<uint32_t> all(choice.have.begin(), choice.have.end());
  all.insert(choice.want.begin(), choice.want.end());
  EXPECT_EQ(all.size(), 60U);
  EXPECT_LT(*all.rbegin(), 75U);
}

TEST(DemoChoice, wants_no_more_than_there_is) {
  Random random{Seed{1}};
  EXPECT_EQ(choose_demo({75, 60, 20}, random).want.size(), 15U);
  EXPECT_TRUE(choose_demo({20, 20, 20}, random).want.empty());
}

TEST(DemoLine, counts_of_what_the_node_has_or_wants) {
  EXPECT_EQ(demo_line({62, 18, 3}), "demo: 62 of 80 pieces, 18 wanted, 3 peers");
  EXPECT_EQ(demo_line({20, 0, 1}), "demo: 20 of 20 pieces, 0 wanted, 1 peer");
}

}  // namespace
}  // namespace p2p::app
