// What holds of the bootstrap hosts, whatever resolver and network answer.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "engine/overlay/bootstrap_list.h"

namespace p2p::bootstrap_list_property_test {
namespace {

Endpoint endpoint_of(uint64_t n) {
  return {Address::v4(192, 0, 2, static_cast<uint8_t>(1 + n % 5)), 8100};
}

// A world that answers what is asked of it, in any way and order, and says what it must not.
class World {
 public:
  World(const std::vector<HostPort>& hosts, uint64_t seed, bool is_among_them)
      : list_(hosts), random_(Seed{seed}), is_among_them_(is_among_them) {}

  void do_what_is_due() {
    check_next_due();
    const BootstrapList::Due due = list_.due(now_);
    for (const auto& item : due.resolve) RC_ASSERT(resolving_.insert(item.index).second);
    for (const Endpoint& endpoint : due.dial) {
      RC_ASSERT(!own_.contains(endpoint));
      RC_ASSERT(dialling_.insert(endpoint).second);
    }
    RC_ASSERT(list_.next_due() > now_);
  }

  void answer_something(uint64_t choice) {
    now_ = now_ + Duration::milliseconds(static_cast<int64_t>(choice % 3000));
    if (!resolving_.empty() && choice % 2 == 0) return answer_a_resolver(choice / 2);
    if (!dialling_.empty() && choice % 3 != 0) return answer_a_dial(choice / 3);
    if (!connected_.empty() && choice % 5 == 0) return lose(choice);
    if (!list_.next_due().is_never()) now_ = std::max(now_, list_.next_due());
  }

  // Nobody is forgotten: with nothing under way and nobody reached there is a next time.
  void check_nobody_is_forgotten() {
    const bool idle = resolving_.empty() && dialling_.empty() && connected_.empty();
    if (idle && !is_among_them_) RC_ASSERT(!list_.next_due().is_never());
    for (const Endpoint& endpoint : list_.reached_endpoints()) {
      RC_ASSERT(connected_.contains(endpoint));
    }
  }

 private:
  void check_next_due() {
    const Time due = list_.next_due();
    if (due.is_never()) return;
    if (due > now_) {
      BootstrapList early = list_;
      const BootstrapList::Due nothing = early.due(due - Duration::nanoseconds(1));
      RC_ASSERT(nothing.resolve.empty() && nothing.dial.empty());
    }
    // Something moves then; a dial that another host has under way already needs no second.
    BootstrapList on_time = list_;
    on_time.due(std::max(due, now_));
    RC_ASSERT(on_time.next_due() > due);
  }

  void answer_a_resolver(uint64_t choice) {
    const size_t index = *resolving_.begin();
    resolving_.erase(index);
    if (choice % 4 == 0) {
      list_.resolve_failed(index, choice % 8 == 0 ? "not known" : "timed out", now_, random_);
      return;
    }
    std::vector<Endpoint> endpoints;
    for (uint64_t i = 0; i <= choice % 3; ++i) endpoints.push_back(endpoint_of(choice / 7 + i));
    list_.resolved(index, endpoints, now_);
  }

  void answer_a_dial(uint64_t choice) {
    const auto it = std::next(dialling_.begin(), static_cast<int64_t>(choice % dialling_.size()));
    const Endpoint endpoint = *it;
    dialling_.erase(it);
    if (is_among_them_ && choice % 4 == 0 && !connected_.contains(endpoint)) {
      own_.insert(endpoint);
      list_.own(endpoint, now_, random_);
    } else if (choice % 2 == 0) {
      list_.dial_failed(endpoint, "connection refused", now_, random_);
    } else {
      connected_.insert(endpoint);
      list_.reached(endpoint, now_);
    }
  }

  void lose(uint64_t choice) {
    const auto it = std::next(connected_.begin(), static_cast<int64_t>(choice % connected_.size()));
    const Endpoint endpoint = *it;
    connected_.erase(it);
    list_.lost(endpoint, choice % 3 != 0, now_, random_);
    if (choice % 2 == 0) list_.rouse(now_);
  }

  BootstrapList list_;
  Random random_;
  bool is_among_them_;
  Time now_ = Time::from_ns(0);
  std::set<size_t> resolving_;
  std::set<Endpoint> dialling_;
  std::set<Endpoint> connected_;
  std::set<Endpoint> own_;
};

RC_GTEST_PROP(BootstrapListProperty, every_host_is_tried_for_ever_and_once_at_a_time, ()) {
  const std::vector<HostPort> all{{"192.0.2.1", 8100}, {"a.example", 8100}, {"b.example", 8100}};
  const auto count = *rc::gen::inRange<size_t>(1, 4);
  const auto seed = *rc::gen::arbitrary<uint64_t>();
  const auto is_among_them = *rc::gen::arbitrary<bool>();
  const auto choices = *rc::gen::scale(
      3.0, rc::gen::container<std::vector<uint64_t>>(rc::gen::inRange<uint64_t>(0, 1'000'000)));
  World world({all.begin(), all.begin() + static_cast<int64_t>(count)}, seed, is_among_them);
  world.do_what_is_due();
  for (const uint64_t choice : choices) {
    world.answer_something(choice);
    world.do_what_is_due();
    world.check_nobody_is_forgotten();
  }
}

}  // namespace
}  // namespace p2p::bootstrap_list_property_test
