// The application's timers.
#include "io_linux/timers.h"

#include <gtest/gtest.h>

#include <string>

namespace p2p::io_linux {
namespace {

constexpr Time at(int64_t seconds) { return Time::from_ns(seconds * 1'000'000'000); }

TEST(Timers, CallBackOnceAnInterval) {
  Timers timers;
  int calls = 0;
  EXPECT_TRUE(timers.next().is_never());
  timers.add(at(10), Duration::seconds(2), [&] { ++calls; });
  EXPECT_EQ(timers.next(), at(12));
  timers.run_due(at(11));
  EXPECT_EQ(calls, 0);
  timers.run_due(at(12));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(timers.next(), at(14));
}

TEST(Timers, DoNotMakeUpForLateness) {
  Timers timers;
  int calls = 0;
  timers.add(at(0), Duration::seconds(1), [&] { ++calls; });
  timers.run_due(at(100));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(timers.next(), at(101));
}

TEST(Timers, ACallbackMayRemoveItselfAndOthersAndAddMore) {
  Timers timers;
  std::string said;
  uint64_t second = 0;
  uint64_t first = 0;
  first = timers.add(at(0), Duration::seconds(1), [&] {
    said += "first ";
    timers.remove(first);
    timers.remove(second);
    timers.add(at(1), Duration::seconds(1), [&] { said += "third "; });
  });
  second = timers.add(at(0), Duration::seconds(1), [&] { said += "second "; });
  timers.run_due(at(1));
  timers.run_due(at(2));
  EXPECT_EQ(said, "first third ");
}

}  // namespace
}  // namespace p2p::io_linux
