// The parts of the address book against plain models of them.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "engine/overlay/dial_queue.h"
#include "engine/overlay/endpoint_index.h"
#include "engine/overlay/hearsay_queue.h"

namespace p2p::book_parts_property_test {
namespace {

constexpr uint32_t kPositions = 24;

Endpoint endpoint_of(uint32_t n) {
  return {Address::v4(198, 51, 100, static_cast<uint8_t>(n / 3)), static_cast<uint16_t>(n)};
}

rc::Gen<std::vector<uint32_t>> many_positions() {
  return rc::gen::scale(
      4.0, rc::gen::container<std::vector<uint32_t>>(rc::gen::inRange<uint32_t>(0, kPositions)));
}

// Each number puts its endpoint in, or takes it out where it is in.
RC_GTEST_PROP(EndpointIndexProperty, finds_what_is_in_and_nothing_else, ()) {
  EndpointIndex index(*rc::gen::arbitrary<uint64_t>());
  std::set<uint32_t> in;
  for (const uint32_t n : *many_positions()) {
    if (in.erase(n) == 1) {
      index.erase(endpoint_of(n), n);
    } else {
      index.insert(endpoint_of(n), n);
      in.insert(n);
    }
    RC_ASSERT(index.size() == in.size());
    for (uint32_t m = 0; m < kPositions; ++m) {
      const uint32_t expected = in.contains(m) ? m : EndpointIndex::kNone;
      RC_ASSERT(index.find(endpoint_of(m), endpoint_of) == expected);
    }
  }
}

// Of the informants 0..4, networks as below: who is of the network with most, and has most there,
// loses its oldest.
void check_loudest(const HearsayQueue& queue, const std::deque<uint32_t>& all) {
  std::map<uint32_t, size_t> of_source;
  std::map<uint32_t, size_t> of_network;
  for (const uint32_t m : all) {
    ++of_source[m % 5];
    ++of_network[m % 5 % 3];
  }
  const uint32_t chosen = queue.oldest_of_the_loudest();
  for (const auto& [source, count] : of_source) {
    const size_t network = of_network[source % 3];
    const size_t most = of_network[chosen % 5 % 3];
    RC_ASSERT(network <= most);
    if (network == most) RC_ASSERT(count <= of_source[chosen % 5]);
  }
  const auto first_of_source =
      std::find_if(all.begin(), all.end(), [&](uint32_t m) { return m % 5 == chosen % 5; });
  RC_ASSERT(*first_of_source == chosen);
}

// Tags that meet in a table of some dozens of places, at its end too.
constexpr uint32_t kTags = 23;
uint32_t tag_for(uint32_t n) { return n % 2 == 0 ? n << 29 | 63U : n * 16; }

RC_GTEST_PROP(GroupCountsProperty, counts, ()) {
  GroupCounts counts;
  std::multiset<uint32_t> model;
  for (const uint32_t n : *many_positions()) {
    const uint32_t tag = tag_for(n % kTags);
    if (n % 3 == 0 && model.contains(tag)) {
      counts.remove(tag);
      model.erase(model.find(tag));
    } else {
      counts.add(tag);
      model.insert(tag);
    }
    size_t largest = 0;
    for (uint32_t m = 0; m <= kTags; ++m) {
      RC_ASSERT(counts.count(tag_for(m)) == model.count(tag_for(m)));
      largest = std::max(largest, model.count(tag_for(m)));
    }
    RC_ASSERT(counts.largest() == largest);
    RC_ASSERT(counts.groups() == std::set<uint32_t>(model.begin(), model.end()).size());
  }
}

RC_GTEST_PROP(HearsayQueueProperty, keeps_the_order_of_hearing, ()) {
  HearsayQueue queue(*rc::gen::arbitrary<uint64_t>());
  std::deque<uint32_t> all;
  const auto source_of = [](uint32_t n) {
    return Address::v4(203, 0, 113, static_cast<uint8_t>(n % 5));
  };
  // Sources 0 and 3 are of one network, 1 and 4 of another, 2 is alone.
  const auto network_of_source = [](uint32_t n) {
    return Address::v4(203, static_cast<uint8_t>(n % 5 % 3), 0, 0);
  };
  for (const uint32_t n : *many_positions()) {
    const auto at = std::find(all.begin(), all.end(), n);
    if (at != all.end()) {
      queue.remove(n);
      all.erase(at);
    } else {
      queue.add(n, source_of(n), network_of_source(n));
      all.push_back(n);
    }
    RC_ASSERT(queue.empty() == all.empty());
    if (!all.empty()) {
      RC_ASSERT(queue.oldest_that([](uint32_t) { return true; }) == all.front());
      RC_ASSERT(queue.oldest_that([&](uint32_t m) { return m % 2 == all.back() % 2; }) ==
                *std::find_if(all.begin(), all.end(),
                              [&](uint32_t m) { return m % 2 == all.back() % 2; }));
      check_loudest(queue, all);
    }
    for (uint32_t source = 0; source < 5; ++source) {
      std::vector<uint32_t> own;
      std::copy_if(all.begin(), all.end(), std::back_inserter(own),
                   [&](uint32_t m) { return m % 5 == source; });
      RC_ASSERT(queue.size_of(source_of(source)) == own.size());
      if (!own.empty()) RC_ASSERT(queue.oldest_of(source_of(source)) == own.front());
    }
  }
}

struct Wait {
  uint32_t position = 0;
  int64_t ms = 0;
  int64_t passes_ms = 0;
};

void showValue(const Wait& wait, std::ostream& out) {
  out << "{" << wait.position << " waits " << wait.ms << " ms, then " << wait.passes_ms
      << " ms pass}";
}

std::vector<Wait> any_waits() {
  return *rc::gen::scale(
      4.0, rc::gen::container<std::vector<Wait>>(rc::gen::build<Wait>(
               rc::gen::set(&Wait::position, rc::gen::inRange<uint32_t>(0, kPositions)),
               rc::gen::set(&Wait::ms, rc::gen::inRange<int64_t>(-50, 400)),
               rc::gen::set(&Wait::passes_ms, rc::gen::inRange<int64_t>(0, 60)))));
}

RC_GTEST_PROP(DialQueueProperty, draws_what_is_due_and_knows_when_the_next_is, ()) {
  DialQueue queue;
  std::map<uint32_t, Time> in;
  Random random(Seed{*rc::gen::arbitrary<uint64_t>()});
  Time now = Time::from_ns(0);
  const auto skip = [](uint32_t position) { return position % 4 == 1; };
  for (const Wait& wait : any_waits()) {
    now = now + Duration::milliseconds(wait.passes_ms);
    const uint32_t n = wait.position;
    queue.take(n);
    if (in.erase(n) == 0) {
      in[n] = now + Duration::milliseconds(wait.ms);
      queue.put(n, n % 2 == 0 ? DialQueue::Kind::hearsay : DialQueue::Kind::tried, in[n], now);
    }
    std::set<uint32_t> due;
    Time next = Time::never();
    for (const auto& [position, when] : in) {
      if (skip(position)) continue;
      if (when <= now) due.insert(position);
      next = std::min(next, when);
    }
    const Time said = queue.next(skip);
    const bool is_true = next <= now ? said <= now : said == next;
    RC_ASSERT(is_true);
    const auto crowd = [](uint32_t position) { return 1U + position % 3; };
    const auto has_turn = [](uint32_t position) { return position % 5 != 2; };
    const auto drawn = queue.draw(now, random, kPositions, skip, crowd, has_turn);
    RC_ASSERT(drawn.size() == due.size());
    RC_ASSERT(std::set<uint32_t>(drawn.begin(), drawn.end()) == due);
    const auto two = queue.draw(now, random, 2, skip, crowd, has_turn);
    RC_ASSERT(two.size() == std::min<size_t>(2, due.size()));
  }
}

}  // namespace
}  // namespace p2p::book_parts_property_test
