// Draws keep to their laws.
#include "io_sim/net/draw.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace p2p::sim {
namespace {

constexpr int kDraws = 20'000;

struct Drawn {
  Duration least = Duration::minutes(60);
  Duration most;
  Duration mean;
};

Drawn draw_many(const LatencyLaw& law) {
  Random random(Seed{7});
  Drawn drawn;
  Duration sum;
  for (int i = 0; i < kDraws; ++i) {
    const Duration one = draw_latency(law, random);
    drawn.least = std::min(drawn.least, one);
    drawn.most = std::max(drawn.most, one);
    sum = sum + one;
  }
  drawn.mean = sum / kDraws;
  return drawn;
}

TEST(Draw, AFixedLatencyIsAlwaysTheSame) {
  const Drawn drawn = draw_many({LatencyLaw::Kind::fixed, Duration::milliseconds(20), {}, {}});
  EXPECT_EQ(drawn.least, Duration::milliseconds(20));
  EXPECT_EQ(drawn.most, Duration::milliseconds(20));
}

TEST(Draw, AUniformLatencyFillsItsBounds) {
  const Drawn drawn = draw_many(
      {LatencyLaw::Kind::uniform, Duration::milliseconds(10), Duration::milliseconds(30), {}});
  EXPECT_GE(drawn.least, Duration::milliseconds(10));
  EXPECT_LT(drawn.least, Duration::microseconds(10'100));
  EXPECT_LE(drawn.most, Duration::milliseconds(30));
  EXPECT_GT(drawn.most, Duration::microseconds(29'900));
  EXPECT_GT(drawn.mean, Duration::microseconds(19'800));
  EXPECT_LT(drawn.mean, Duration::microseconds(20'200));
}

TEST(Draw, AnExponentialLatencyHasItsMeanAndATail) {
  const Drawn drawn = draw_many(
      {LatencyLaw::Kind::exponential, Duration::milliseconds(5), {}, Duration::milliseconds(40)});
  EXPECT_GE(drawn.least, Duration::milliseconds(5));
  EXPECT_LT(drawn.least, Duration::microseconds(5'100));
  EXPECT_LE(drawn.most, Duration::milliseconds(5 + 22 * 35));
  EXPECT_GT(drawn.most, Duration::milliseconds(5 + 7 * 35));  // expected: ln(20,000) = 9.9 times
  EXPECT_GT(drawn.mean, Duration::milliseconds(39));
  EXPECT_LT(drawn.mean, Duration::milliseconds(41));
}

// Of the draws 1 - 1/e are below the mean, half below ln 2 of it.
TEST(Draw, TheExponentialHasItsShape) {
  Random random(Seed{8});
  int below_mean = 0;
  int below_median = 0;
  for (int i = 0; i < kDraws; ++i) {
    const Duration one = draw_exponential(Duration::milliseconds(1000), random);
    if (one < Duration::milliseconds(1000)) ++below_mean;
    if (one < Duration::milliseconds(693)) ++below_median;
  }
  EXPECT_NEAR(below_mean, 12'642, 250);
  EXPECT_NEAR(below_median, 10'000, 250);
}

TEST(Draw, ChanceHappensAsOftenAsItSays) {
  Random random(Seed{9});
  int quarter = 0;
  for (int i = 0; i < kDraws; ++i) {
    EXPECT_FALSE(happens({0}, random));
    EXPECT_TRUE(happens({Probability::kOne}, random));
    if (happens({Probability::kOne / 4}, random)) ++quarter;
  }
  EXPECT_NEAR(quarter, kDraws / 4, 250);
}

TEST(Draw, NoChanceDrawsNothing) {
  Random drawn(Seed{10});
  Random untouched(Seed{10});
  happens({0}, drawn);
  EXPECT_EQ(drawn.next(), untouched.next());
}

}  // namespace
}  // namespace p2p::sim
