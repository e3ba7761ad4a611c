#include "engine/base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace p2p {
namespace {

// xoshiro256** seeded with 0 through splitmix64, computed independently of this program.
TEST(Random, follows_the_published_generator) {
  Random random(Seed{0});
  EXPECT_EQ(random.next(), 0x99ec5f36cb75f2b4u);
  EXPECT_EQ(random.next(), 0xbf6e1f784956452au);
  EXPECT_EQ(random.next(), 0x1a5f849d4933e6e0u);
  EXPECT_EQ(random.next(), 0x6aa594f1262d2d2cu);
}

TEST(Random, is_a_function_of_its_seed) {
  Random a(Seed{42});
  Random b(Seed{42});
  Random c(Seed{43});
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const uint64_t value = a.next();
    EXPECT_EQ(value, b.next());
    differs = differs || value != c.next();
  }
  EXPECT_TRUE(differs);
}

TEST(Random, below_reaches_all_values_and_none_beyond) {
  Random random(Seed{1});
  std::vector<int> seen(7);
  for (int i = 0; i < 1000; ++i) ++seen.at(static_cast<size_t>(random.below(7)));
  for (const int times : seen) EXPECT_GT(times, 0);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(random.below(1), 0u);
}

TEST(Random, below_a_bound_above_half_the_range_stays_below_it) {
  Random random(Seed{1});
  const uint64_t bound = (uint64_t{1} << 63) + 1;
  for (int i = 0; i < 100; ++i) EXPECT_LT(random.below(bound), bound);
}

TEST(Random, between_includes_both_ends) {
  Random random(Seed{1});
  const auto low = Duration::nanoseconds(-1);
  const auto high = Duration::nanoseconds(1);
  std::vector<int> seen(3);
  for (int i = 0; i < 200; ++i) {
    ++seen.at(static_cast<size_t>((random.between(low, high) - low).count_ns()));
  }
  for (const int times : seen) EXPECT_GT(times, 0);
  EXPECT_EQ(random.between(high, high), high);
}

TEST(Random, jitter_stays_within_a_quarter) {
  Random random(Seed{1});
  for (int i = 0; i < 1000; ++i) {
    const Duration d = random.jittered(Duration::seconds(10));
    EXPECT_GE(d, Duration::milliseconds(7500));
    EXPECT_LE(d, Duration::milliseconds(12'500));
  }
}

TEST(Random, shuffle_keeps_the_items) {
  Random random(Seed{1});
  std::vector<int> items(50);
  std::iota(items.begin(), items.end(), 0);
  const auto sorted = items;
  random.shuffle(items);
  EXPECT_NE(items, sorted);
  std::sort(items.begin(), items.end());
  EXPECT_EQ(items, sorted);
  std::vector<int> none;
  random.shuffle(none);
  EXPECT_TRUE(none.empty());
}

TEST(Random, ends_the_program_of_a_caller_with_nothing_to_choose_from) {
  Random random(Seed{1});
  EXPECT_DEATH(random.below(0), "");
  EXPECT_DEATH(random.between(Duration::seconds(2), Duration::seconds(1)), "");
}

}  // namespace
}  // namespace p2p
