// What holds of the address book after any sequence of operations.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "engine/overlay/address_book.h"

namespace p2p {
namespace {

using Endpoints = std::vector<Endpoint>;

enum class Kind {
  heard,
  spoke_dialled,
  spoke_claimed,
  ended,
  dial_started,
  dial_abandoned,
  dial_failed,
  mark_own,
  fault
};

struct Step {
  Kind kind = Kind::heard;
  size_t endpoint = 0;
  uint8_t source = 0;
  int64_t wait_ms = 0;
};

void showValue(const Step& step, std::ostream& out) {
  out << "{kind " << static_cast<int>(step.kind) << ", endpoint " << step.endpoint << ", source "
      << int{step.source} << ", after " << step.wait_ms << " ms}";
}

// A third at addresses of their own, a third at one address, a third on this machine.
Endpoint endpoint_of(size_t n) {
  const auto port = static_cast<uint16_t>(1 + n);
  if (n % 3 == 0) return {Address::v4(198, 51, 100, static_cast<uint8_t>(n)), port};
  if (n % 3 == 1) return {Address::v4(192, 0, 2, 1), port};
  return {Address::loopback(), port};
}

rc::Gen<Step> any_step() {
  // Own endpoints and faults are rare, or nothing would be left.
  const auto kind = rc::gen::weightedElement<Kind>({{12, Kind::heard},
                                                    {5, Kind::spoke_dialled},
                                                    {5, Kind::spoke_claimed},
                                                    {8, Kind::ended},
                                                    {4, Kind::dial_started},
                                                    {1, Kind::dial_abandoned},
                                                    {6, Kind::dial_failed},
                                                    {1, Kind::mark_own},
                                                    {1, Kind::fault}});
  const auto wait_ms =
      rc::gen::weightedOneOf<int64_t>({{4, rc::gen::just<int64_t>(0)},
                                       {4, rc::gen::inRange<int64_t>(0, 10'000)},
                                       {1, rc::gen::inRange<int64_t>(0, 900'000)}});
  return rc::gen::build<Step>(rc::gen::set(&Step::kind, kind),
                              rc::gen::set(&Step::endpoint, rc::gen::inRange<size_t>(0, 40)),
                              rc::gen::set(&Step::source, rc::gen::inRange<uint8_t>(0, 6)),
                              rc::gen::set(&Step::wait_ms, wait_ms));
}

// Drives a book and knows what it must not forget.
class Run {
 public:
  Run(size_t max_entries, uint64_t seed)
      : max_entries_(max_entries),
        book_(max_entries, Duration::minutes(3), seed),
        random_(Seed{seed}) {}

  void take(const Step& step) {
    now_ = now_ + Duration::milliseconds(step.wait_ms);
    const Endpoint endpoint = endpoint_of(step.endpoint);
    const Address source = Address::v4(203, 0, 113, step.source);
    switch (step.kind) {
      case Kind::heard:
        hear(endpoint, source);
        break;
      case Kind::spoke_dialled:
        speak(endpoint, Proof::dialled);
        break;
      case Kind::spoke_claimed:
        speak(endpoint, Proof::claimed);
        break;
      case Kind::ended:
        book_.connection_ended(endpoint, now_, random_);
        last_alive_.insert_or_assign(endpoint, now_);
        break;
      case Kind::dial_started:
        book_.dial_started(endpoint, now_);
        spoken_since_dial_.erase(endpoint);
        break;
      case Kind::dial_abandoned:
        book_.dial_abandoned(endpoint, now_);
        break;
      case Kind::dial_failed:
        book_.dial_failed(endpoint, now_, random_);
        // An older dial says nothing against a connection that has come since.
        RC_ASSERT(spoken_since_dial_.contains(endpoint) || !book_.handable(endpoint, now_));
        break;
      case Kind::mark_own:
        book_.mark_own(endpoint, now_);
        own_.insert(endpoint);
        break;
      case Kind::fault:
        book_.fault(endpoint, now_);
        RC_ASSERT(!book_.handable(endpoint, now_));
        break;
    }
  }

  void check_bounds() {
    RC_ASSERT(book_.size() <= max_entries_);
    size_t tried = 0;
    for (size_t n = 0; n < 40; ++n) tried += book_.is_tried(endpoint_of(n)) ? 1U : 0U;
    RC_ASSERT(tried <= max_entries_ - max_entries_ / 4);
  }

  void check_handed_on() {
    const Endpoints alive = book_.known_alive(now_);
    for (const Endpoint& endpoint : alive) {
      RC_ASSERT(spoken_.contains(endpoint));
      RC_ASSERT(!own_.contains(endpoint));
      RC_ASSERT(book_.handable(endpoint, now_));
    }
    Endpoints sample = book_.alive_sample(now_, random_, max_entries_);
    std::sort(sample.begin(), sample.end());
    RC_ASSERT(sample == alive);
    Endpoints news = book_.news_since(0, now_, max_entries_).endpoints;
    std::sort(news.begin(), news.end());
    RC_ASSERT(news == alive);
  }

  void check_picks() {
    const Time due = book_.next_due(nullptr);
    const Endpoints picked = book_.pick_to_dial(now_, random_, max_entries_, nullptr);
    RC_ASSERT(picked.empty() == (due > now_));
    RC_ASSERT(std::set<Endpoint>(picked.begin(), picked.end()).size() == picked.size());
    for (const Endpoint& endpoint : picked) {
      RC_ASSERT(!own_.contains(endpoint));
      RC_ASSERT(book_.contains(endpoint));
    }
    if (due.is_never() || due <= now_) return;
    AddressBook later = book_;
    RC_ASSERT(later.pick_to_dial(due - Duration::nanoseconds(1), random_, 1, nullptr).empty());
    RC_ASSERT(later.pick_to_dial(due, random_, 1, nullptr).size() == 1U);
  }

  // Picks and the next due time agree when some are skipped, too.
  void check_skipping() {
    const auto skip = [](const Endpoint& endpoint) { return endpoint.port % 2 == 0; };
    const Time due = book_.next_due(skip);
    const Endpoints picked = book_.pick_to_dial(now_, random_, max_entries_, skip);
    RC_ASSERT(picked.empty() == (due > now_));
    for (const Endpoint& endpoint : picked) RC_ASSERT(!skip(endpoint));
  }

  // A neighbour that is told the news a few at a time misses nobody who is alive, but for those who
  // went and came back too soon to be news.
  void tell_the_neighbour() {
    for (;;) {
      const AddressBook::News news = book_.news_since(told_up_to_, now_, 3);
      RC_ASSERT(news.up_to >= told_up_to_);
      RC_ASSERT(news.endpoints.size() <= 3U);
      told_.insert(news.endpoints.begin(), news.endpoints.end());
      const bool more = news.up_to != told_up_to_;
      told_up_to_ = news.up_to;
      if (!more) break;
    }
    for (const Endpoint& endpoint : book_.known_alive(now_)) {
      RC_ASSERT(told_.contains(endpoint) || back_soon_.contains(endpoint));
    }
  }

  AddressBook& book() { return book_; }

 private:
  void speak(const Endpoint& endpoint, Proof proof) {
    const auto before = last_alive_.find(endpoint);
    const bool soon =
        before != last_alive_.end() && now_ - before->second < AddressBook::kNewsAgainAfter;
    if (soon) {
      back_soon_.insert(endpoint);
    } else {
      back_soon_.erase(endpoint);
    }
    book_.spoke(endpoint, proof, now_);
    last_alive_.insert_or_assign(endpoint, now_);
    spoken_.insert(endpoint);
    spoken_since_dial_.insert(endpoint);
  }

  void hear(const Endpoint& endpoint, const Address& source) {
    std::set<Endpoint> tried;
    for (size_t n = 0; n < 40; ++n) {
      if (book_.is_tried(endpoint_of(n))) tried.insert(endpoint_of(n));
    }
    const Endpoints alive = book_.known_alive(now_);
    book_.heard(endpoint, source, now_);
    for (const Endpoint& kept : tried) RC_ASSERT(book_.is_tried(kept));
    RC_ASSERT(book_.known_alive(now_) == alive);
  }

  size_t max_entries_;
  AddressBook book_;
  Random random_;
  Time now_ = Time::from_ns(0);
  std::set<Endpoint> spoken_;
  std::map<Endpoint, Time> last_alive_;  // when spoken with, or when that ended
  std::set<Endpoint> back_soon_;
  std::set<Endpoint> spoken_since_dial_;
  std::set<Endpoint> own_;
  uint64_t told_up_to_ = 0;
  std::set<Endpoint> told_;
};

Run any_run() {
  const auto max_entries = *rc::gen::inRange<size_t>(1, 40);
  const auto seed = *rc::gen::arbitrary<uint64_t>();
  return {max_entries, seed};
}

std::vector<Step> any_steps() {
  return *rc::gen::scale(3.0, rc::gen::container<std::vector<Step>>(any_step()));
}

RC_GTEST_PROP(AddressBookProperty, bounds_hold, ()) {
  Run run = any_run();
  for (const Step& step : any_steps()) {
    run.take(step);
    run.check_bounds();
  }
}

RC_GTEST_PROP(AddressBookProperty, only_living_peers_that_were_spoken_with_are_handed_on, ()) {
  Run run = any_run();
  for (const Step& step : any_steps()) {
    run.take(step);
    run.check_handed_on();
  }
}

RC_GTEST_PROP(AddressBookProperty, picks_are_due_and_never_own_and_next_due_is_true, ()) {
  Run run = any_run();
  for (const Step& step : any_steps()) {
    run.take(step);
    run.check_picks();
    run.check_skipping();
  }
}

RC_GTEST_PROP(AddressBookProperty, a_neighbour_who_asks_now_and_then_misses_nobody, ()) {
  Run run = any_run();
  for (const Step& step : any_steps()) {
    run.take(step);
    if (step.source < 2) run.tell_the_neighbour();
  }
  run.tell_the_neighbour();
}

RC_GTEST_PROP(AddressBookProperty, the_same_steps_give_the_same_answers, ()) {
  const auto max_entries = *rc::gen::inRange<size_t>(1, 40);
  const auto seed = *rc::gen::arbitrary<uint64_t>();
  const std::vector<Step> steps = any_steps();
  Run one(max_entries, seed);
  Run other(max_entries, seed);
  for (const Step& step : steps) {
    one.take(step);
    other.take(step);
  }
  const Time later = Time::from_ns(0) + Duration::minutes(100'000);
  Random a(Seed{seed});
  Random b(Seed{seed});
  RC_ASSERT(one.book().pick_to_dial(later, a, 10, nullptr) ==
            other.book().pick_to_dial(later, b, 10, nullptr));
  RC_ASSERT(one.book().next_due(nullptr) == other.book().next_due(nullptr));
}

}  // namespace
}  // namespace p2p
