// The order of what happens.
#include "io_sim/net/event_queue.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace p2p::sim {
namespace {

constexpr Time at_ms(int64_t ms) { return Time() + Duration::milliseconds(ms); }

Task numbered(uint64_t n) { return {TaskKind::deed, 0, n}; }

std::vector<uint64_t> take_all(EventQueue& queue) {
  std::vector<uint64_t> order;
  while (const auto task = queue.pop(at_ms(1'000'000))) order.push_back(task->what);
  return order;
}

TEST(EventQueue, TheEarlierComesFirstAndTheClockGoesWithIt) {
  EventQueue queue;
  queue.at(at_ms(20), numbered(2));
  queue.at(at_ms(10), numbered(1));
  EXPECT_EQ(queue.pop(at_ms(100))->what, 1U);
  EXPECT_EQ(queue.now(), at_ms(10));
  EXPECT_EQ(queue.pop(at_ms(100))->what, 2U);
  EXPECT_EQ(queue.now(), at_ms(20));
}

TEST(EventQueue, OfOneTimeWhatWasScheduledFirstComesFirst) {
  EventQueue queue;
  for (uint64_t n = 1; n <= 100; ++n) queue.at(at_ms(10), numbered(n));
  const auto order = take_all(queue);
  ASSERT_EQ(order.size(), 100U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(EventQueue, SoonComesBeforeAllOfThisTimeInTheOrderAsked) {
  EventQueue queue;
  queue.at(at_ms(10), numbered(1));
  queue.at(at_ms(10), numbered(4));
  EXPECT_EQ(queue.pop(at_ms(100))->what, 1U);
  queue.soon(numbered(2));
  queue.soon(numbered(3));
  EXPECT_EQ(take_all(queue), (std::vector<uint64_t>{2, 3, 4}));
  EXPECT_EQ(queue.size(), 0U);
}

TEST(EventQueue, WithNothingUpToTheLimitTheClockGoesThere) {
  EventQueue queue;
  queue.at(at_ms(10), numbered(1));
  EXPECT_FALSE(queue.pop(at_ms(9)));
  EXPECT_EQ(queue.now(), at_ms(9));
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_TRUE(queue.pop(at_ms(10)));
  EXPECT_FALSE(queue.pop(at_ms(5)));
  EXPECT_EQ(queue.now(), at_ms(10));
}

RC_GTEST_PROP(EventQueueProperty, pops_by_time_then_by_the_order_of_scheduling, ()) {
  struct Planned {
    Time when;
    uint64_t number;
  };
  EventQueue queue;
  std::vector<Planned> planned;
  uint64_t number = 0;
  const auto ops = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-3, 8));
  for (const int op : ops) {
    if (op >= 0) {
      const Time when = queue.now() + Duration::milliseconds(op);
      planned.push_back({when, ++number});
      queue.at(when, numbered(number));
      continue;
    }
    const auto first =
        std::min_element(planned.begin(), planned.end(),
                         [](const Planned& a, const Planned& b) { return a.when < b.when; });
    const auto task = queue.pop(at_ms(1'000'000'000));
    RC_ASSERT(task.has_value() == (first != planned.end()));
    if (!task) break;
    RC_ASSERT(task->what == first->number);
    RC_ASSERT(queue.now() == first->when);
    planned.erase(first);
  }
  RC_ASSERT(queue.size() == planned.size() || planned.empty());
}

}  // namespace
}  // namespace p2p::sim
