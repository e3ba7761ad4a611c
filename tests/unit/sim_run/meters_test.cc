// What is counted over a moving window.
#include "io_sim/run/meters.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "engine/base/random.h"

namespace p2p::sim {
namespace {

const Address kHost = Address::loopback();

Time at_second(int64_t second) { return Time() + Duration::seconds(second); }

TEST(DialMeter, counts_the_dials_of_the_last_sixty_seconds) {
  DialMeter meter;
  meter.add_host(kHost);
  meter.dialled(kHost, at_second(10));
  meter.dialled(kHost, at_second(40));
  EXPECT_EQ(meter.last_minute(kHost, at_second(40)), 2u);
  EXPECT_EQ(meter.last_minute(kHost, at_second(69)), 2u);
  EXPECT_EQ(meter.last_minute(kHost, at_second(70)), 1u);
  meter.dialled(kHost, at_second(99));
  EXPECT_EQ(meter.last_minute(kHost, at_second(100)), 1u);
  EXPECT_EQ(meter.last_minute(kHost, at_second(159)), 0u);
}

TEST(DialMeter, does_not_count_addresses_of_nobody) {
  DialMeter meter;
  meter.dialled(kHost, at_second(1));
  EXPECT_EQ(meter.last_minute(kHost, at_second(1)), 0u);
}

TEST(ByteMeter, forgets_by_whole_minutes) {
  ByteMeter meter;
  meter.moved(100, at_second(59));
  meter.moved(10, at_second(60));
  EXPECT_EQ(meter.last_hour(at_second(60)), 110u);
  EXPECT_EQ(meter.last_hour(at_second(60 * 61 - 1)), 110u);
  EXPECT_EQ(meter.last_hour(at_second(60 * 61)), 10u);
  EXPECT_EQ(meter.last_hour(at_second(60 * 62)), 0u);
  EXPECT_EQ(meter.last_hour(at_second(1'000'000)), 0u);
}

TEST(ByteMeter, agrees_with_a_list_of_all_that_was_moved) {
  p2p::Random random(Seed{7});
  ByteMeter meter;
  std::vector<std::pair<int64_t, uint64_t>> moved;  // minute and bytes
  int64_t second = 0;
  for (int i = 0; i < 2000; ++i) {
    second += static_cast<int64_t>(random.below(random.below(20) == 0 ? 5000 : 100));
    moved.emplace_back(second / 60, random.below(1000));
    meter.moved(moved.back().second, at_second(second));
    uint64_t expected = 0;
    for (const auto& [minute, bytes] : moved) {
      if (second / 60 - minute <= 60) expected += bytes;
    }
    ASSERT_EQ(meter.last_hour(at_second(second)), expected) << second;
  }
}

}  // namespace
}  // namespace p2p::sim
