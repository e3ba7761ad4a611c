#include "apps/p2psim/failure_groups.h"

#include <gtest/gtest.h>

namespace p2p::sim::program {
namespace {

FailureGroup failure(const std::string& name, uint64_t seed) {
  const std::string number = std::to_string(seed);
  return {name, 1, seed, "sentence of " + number, {"p2psim run f --seed " + number}};
}

TEST(FailureGroups, count_what_failed_alike_and_keep_the_lowest_seed) {
  FailureGroups groups;
  groups.add(failure("dead_forgotten", 9));
  groups.add(failure("verified_pieces", 30));
  groups.add(failure("verified_pieces", 20));
  groups.add(failure("verified_pieces", 25));
  const auto sorted = groups.by_frequency();
  ASSERT_EQ(sorted.size(), 2U);
  EXPECT_EQ(sorted[0].name, "verified_pieces");
  EXPECT_EQ(sorted[0].count, 3U);
  EXPECT_EQ(sorted[0].lowest_seed, 20U);
  EXPECT_EQ(sorted[0].sentence, "sentence of 20");
  EXPECT_EQ(sorted[1].name, "dead_forgotten");
  EXPECT_EQ(sorted[1].count, 1U);
}

TEST(FailureGroups, of_equally_frequent_ones_the_lower_seed_comes_first) {
  FailureGroups groups;
  groups.add(failure("b", 12));
  groups.add(failure("a", 30));
  groups.add(failure("c", 7));
  const auto sorted = groups.by_frequency();
  ASSERT_EQ(sorted.size(), 3U);
  EXPECT_EQ(sorted[0].name, "c");
  EXPECT_EQ(sorted[1].name, "b");
  EXPECT_EQ(sorted[2].name, "a");
}

TEST(FailureGroups, are_shown_with_the_line_that_repeats_the_lowest_seed) {
  FailureGroup group = failure("verified_pieces", 17);
  group.count = 1200;
  EXPECT_EQ(text_of(group),
            "1,200 seeds: verified_pieces\n"
            "  the lowest is 17: sentence of 17\n"
            "  p2psim run f --seed 17");
}

}  // namespace
}  // namespace p2p::sim::program
