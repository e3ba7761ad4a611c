// A clock that is off, and the way back from what it shows.
#include "io_sim/world/node_clock.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace p2p::sim {
namespace {

constexpr Time at(Duration true_time) { return Time() + true_time; }

TEST(NodeClock, ATrueClockShowsNoZeroAndGoesWithTrueTime) {
  const NodeClock clock{ClockModel{}};
  EXPECT_GT(clock.local(Time()), Time());
  EXPECT_EQ(clock.local(at(Duration::minutes(60))) - clock.local(Time()), Duration::minutes(60));
}

TEST(NodeClock, AnOffsetIsThereFromTheStart) {
  const NodeClock right{ClockModel{}};
  const NodeClock off{ClockModel{Duration::seconds(100), 0}};
  EXPECT_EQ(off.local(Time()) - right.local(Time()), Duration::seconds(100));
}

TEST(NodeClock, ADriftOfSoManyMillionthsIsSoManyMicrosecondsInASecond) {
  const NodeClock fast{ClockModel{{}, 50}};
  const NodeClock slow{ClockModel{{}, -50}};
  const Time second = at(Duration::seconds(1));
  EXPECT_EQ(fast.local(second) - fast.local(Time()), Duration::microseconds(1'000'050));
  EXPECT_EQ(slow.local(second) - slow.local(Time()), Duration::microseconds(999'950));
}

TEST(NodeClock, NeverStaysNever) {
  EXPECT_TRUE(NodeClock{ClockModel{}}.true_time(Time::never()).is_never());
}

// A tenth too fast for ten years: that must not take as long as it lasts.
TEST(NodeClock, TheWayBackIsShortHoweverFarOffTheClockIs) {
  const NodeClock clock{ClockModel{{}, 100'000}};
  const Time when = at(Duration::minutes(int64_t{60} * 24 * 3650));
  EXPECT_EQ(clock.local(clock.true_time(clock.local(when))), clock.local(when));
}

RC_GTEST_PROP(NodeClockProperty, true_time_is_the_first_at_which_the_clock_shows_it, ()) {
  // As scenarios may have them.
  const auto offset = *rc::gen::inRange<int64_t>(-400'000, 400'000);
  const auto drift = *rc::gen::inRange<int64_t>(-100'000, 100'001);
  const NodeClock clock{ClockModel{Duration::seconds(offset), drift}};
  const auto ns = *rc::gen::inRange<int64_t>(0, int64_t{48} * 3600 * 1'000'000'000);
  const Time shown = clock.local(Time()) + Duration::nanoseconds(ns);
  const Time found = clock.true_time(shown);
  RC_ASSERT(clock.local(found) >= shown);
  RC_ASSERT(clock.local(found - Duration::nanoseconds(1)) < shown);
}

RC_GTEST_PROP(NodeClockProperty, no_clock_goes_back, ()) {
  const auto drift = *rc::gen::inRange<int64_t>(-100'000, 100'001);
  const NodeClock clock{ClockModel{{}, drift}};
  const auto ns = *rc::gen::inRange<int64_t>(0, int64_t{3600} * 1'000'000'000);
  const auto step = *rc::gen::inRange<int64_t>(0, 3'000'000);
  RC_ASSERT(clock.local(Time::from_ns(ns)) <= clock.local(Time::from_ns(ns + step)));
}

}  // namespace
}  // namespace p2p::sim
