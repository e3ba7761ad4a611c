// Who reaches whom.
#include "io_sim/net/blockades.h"

#include <gtest/gtest.h>

namespace p2p::sim {
namespace {

TEST(Blockades, NobodyIsBlockedWithoutOne) {
  const Blockades blockades;
  EXPECT_TRUE(blockades.empty());
  EXPECT_FALSE(blockades.blocked(0, 1));
}

TEST(Blockades, APartitionCutsBetweenItsGroupsAndNothingElse) {
  Blockades blockades;
  blockades.partition({{0, 1}, {2}, {3}}, 5, false);
  EXPECT_FALSE(blockades.blocked(0, 1));
  for (const auto& [a, b] : {std::pair{0U, 2U}, {1U, 3U}, {2U, 3U}}) {
    EXPECT_TRUE(blockades.blocked(a, b));
    EXPECT_TRUE(blockades.blocked(b, a));
  }
  // 4 is in no group.
  EXPECT_FALSE(blockades.blocked(0, 4));
  EXPECT_FALSE(blockades.blocked(4, 2));
}

TEST(Blockades, AOnewayPartitionCutsWhatTheFirstGroupSends) {
  Blockades blockades;
  blockades.partition({{0}, {1}, {2}}, 3, true);
  EXPECT_TRUE(blockades.blocked(0, 1));
  EXPECT_TRUE(blockades.blocked(0, 2));
  EXPECT_FALSE(blockades.blocked(1, 0));
  EXPECT_FALSE(blockades.blocked(1, 2));
}

TEST(Blockades, AClogIsBetweenItsNodesAndTheOthers) {
  Blockades blockades;
  blockades.clog({0}, {1}, 3);
  EXPECT_TRUE(blockades.blocked(0, 1));
  EXPECT_TRUE(blockades.blocked(1, 0));
  EXPECT_FALSE(blockades.blocked(0, 2));
  EXPECT_FALSE(blockades.blocked(1, 2));
}

TEST(Blockades, AClogWithoutOthersIsAgainstEverybodyElse) {
  Blockades blockades;
  blockades.clog({0, 1}, {}, 4);
  EXPECT_TRUE(blockades.blocked(0, 2));
  EXPECT_TRUE(blockades.blocked(3, 1));
  EXPECT_FALSE(blockades.blocked(2, 3));
}

TEST(Blockades, WhatIsBlockedTwiceIsFreeWhenBothAreLifted) {
  Blockades blockades;
  const auto first = blockades.partition({{0}, {1}}, 3, false);
  const auto second = blockades.clog({0}, {}, 3);
  blockades.lift(first);
  EXPECT_TRUE(blockades.blocked(0, 1));
  blockades.lift(second);
  EXPECT_FALSE(blockades.blocked(0, 1));
  EXPECT_TRUE(blockades.empty());
}

TEST(Blockades, AllAreLiftedAtOnce) {
  Blockades blockades;
  blockades.partition({{0}, {1}}, 2, false);
  blockades.partition({{1}, {0}}, 2, true);
  blockades.lift_all();
  EXPECT_FALSE(blockades.blocked(1, 0));
}

}  // namespace
}  // namespace p2p::sim
