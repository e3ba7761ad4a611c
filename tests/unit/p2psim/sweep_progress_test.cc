#include "apps/p2psim/sweep_progress.h"

#include <gtest/gtest.h>

namespace p2p::sim::program {
namespace {

TEST(SweepProgress, says_runs_failures_rate_and_time_left) {
  EXPECT_EQ(progress_line({500, 2000, 3, Duration::seconds(20)}, 100),
            "500 of 2,000 runs, 3 failed, 25.0/s, 1 min 1 s left");
}

TEST(SweepProgress, of_slow_runs_gives_the_rate_of_a_minute) {
  EXPECT_EQ(progress_line({3, 10, 0, Duration::seconds(60)}, 100),
            "3 of 10 runs, 0 failed, 3.0/min, 2 min 21 s left");
}

TEST(SweepProgress, estimates_nothing_before_it_can) {
  EXPECT_EQ(progress_line({0, 10, 0, Duration::minutes(1)}, 100), "0 of 10 runs, 0 failed");
  EXPECT_EQ(progress_line({1, 10, 0, Duration::milliseconds(999)}, 100), "1 of 10 runs, 0 failed");
}

TEST(SweepProgress, at_the_end_has_no_time_left) {
  EXPECT_EQ(progress_line({1, 1, 1, Duration::seconds(2)}, 100), "1 of 1 run, 1 failed, 30.0/min");
}

TEST(SweepProgress, of_four_thousand_million_seeds_does_not_overflow) {
  const std::string line = progress_line({1, uint64_t{1} << 32, 0, Duration::minutes(9)}, 100);
  EXPECT_NE(line.find("0.1/min, 8760 h left"), std::string::npos) << line;
}

TEST(SweepProgress, fits_the_terminal) {
  EXPECT_EQ(progress_line({500, 2000, 3, Duration::seconds(20)}, 20).size(), 19U);
  EXPECT_EQ(progress_line({500, 2000, 3, Duration::seconds(20)}, 0).size(), 0U);
}

}  // namespace
}  // namespace p2p::sim::program
