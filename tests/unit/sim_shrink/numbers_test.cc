#include "io_sim/shrink/numbers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace p2p::sim {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

TEST(LowerValues, begin_with_the_least_and_halve_the_way_to_it) {
  const auto values = lower_values({NumberKind::count, 100, 20, {}});
  ASSERT_GE(values.size(), 4U);
  EXPECT_EQ(values[0], 20U);
  EXPECT_EQ(values[1], 60U);
  EXPECT_EQ(values[2], 80U);
  EXPECT_EQ(values[3], 90U);
  EXPECT_EQ(values.back(), 99U);
}

TEST(LowerValues, are_lower_not_below_the_least_and_none_twice) {
  for (const auto kind : {NumberKind::duration, NumberKind::size, NumberKind::count}) {
    for (const uint64_t value :
         {uint64_t{1}, uint64_t{7}, uint64_t{1} << 21, 37'284 * kSecond / 1000}) {
      for (const uint64_t least : {uint64_t{0}, value / 2}) {
        const auto values = lower_values({kind, value, least, {}});
        EXPECT_EQ(std::set<uint64_t>(values.begin(), values.end()).size(), values.size());
        for (const uint64_t lower : values) {
          EXPECT_LT(lower, value);
          EXPECT_GE(lower, least);
        }
      }
    }
  }
}

TEST(LowerValues, of_a_time_are_round) {
  const auto values = lower_values({NumberKind::duration, 37 * kSecond + 284'123'456, 0, {}});
  const auto has = [&](uint64_t value) {
    return std::find(values.begin(), values.end(), value) != values.end();
  };
  EXPECT_TRUE(has(18 * kSecond));
  EXPECT_TRUE(has(36 * kSecond));
  EXPECT_TRUE(has(30 * kSecond));
  EXPECT_TRUE(has(37 * kSecond));
  EXPECT_TRUE(has(37 * kSecond + 284'000'000));
}

TEST(Numbers, of_a_run_s_end_never_go_below_what_is_still_due) {
  Scenario scenario;
  scenario.stop = Duration::minutes(5);
  scenario.expectations.resize(1);
  scenario.expectations[0].by = Duration::minutes(4);
  const auto numbers = numbers_of(scenario);
  ASSERT_EQ(numbers.size(), 1U);
  EXPECT_EQ(numbers[0].value, 300 * kSecond);
  EXPECT_EQ(numbers[0].least, 240 * kSecond);
  numbers[0].set(scenario, 250 * kSecond);
  EXPECT_EQ(scenario.stop, Duration::seconds(250));
}

}  // namespace
}  // namespace p2p::sim
