// Places, listings and look-ups against plain models of them.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "engine/overlay/listings.h"
#include "engine/overlay/lookup.h"
#include "engine/overlay/place.h"
#include "engine/overlay/place_table.h"

namespace p2p {
namespace {

Endpoint node(uint32_t n) {
  return {Address::v4(9, static_cast<uint8_t>(n >> 16), static_cast<uint8_t>(n >> 8),
                      static_cast<uint8_t>(n)),
          8100};
}

Digest any_id() {
  const auto seed = *rc::gen::arbitrary<uint64_t>();
  return sha256(std::as_bytes(std::span(&seed, 1)));
}

// Each one's place is computed once, as the hashing is what these tests take their time for.
void sort_from(const Digest& id, std::vector<Endpoint>& endpoints) {
  std::vector<std::pair<Digest, Endpoint>> keyed;
  for (const Endpoint& one : endpoints) keyed.emplace_back(distance(id, place_of(one)), one);
  std::stable_sort(keyed.begin(), keyed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < keyed.size(); ++i) endpoints[i] = keyed[i].second;
}

// What is known of an endpoint in the table, without any structure.
struct Known {
  bool proven = false;
  uint32_t connections = 0;
  Time alive;
};

RC_GTEST_PROP(PlaceTableProperty, tells_what_a_plain_list_of_what_it_took_tells, ()) {
  const Digest own = any_id();
  PlaceTable table(own);
  std::map<Endpoint, Known> model;
  Time now = Time::from_ns(1);
  const auto steps = *rc::gen::inRange(1, 200);
  for (int step = 0; step < steps; ++step) {
    now = now + Duration::minutes(*rc::gen::inRange(0, 8));
    const Endpoint endpoint = node(*rc::gen::inRange<uint32_t>(0, 60));
    const auto there = model.find(endpoint);
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
      case 1: {
        const Proof proof = *rc::gen::element(Proof::dialled, Proof::claimed);
        const bool taken = table.spoke(endpoint, proof, now);
        RC_ASSERT(there == model.end() || taken);
        if (taken) {
          Known& known = model[endpoint];
          known.proven = known.proven || proof == Proof::dialled;
          ++known.connections;
          known.alive = now;
        }
        break;
      }
      case 2:
        table.parted(endpoint, now);
        if (there != model.end() && there->second.connections > 0) {
          --there->second.connections;
          there->second.alive = now;
        }
        break;
      default:
        table.failed(endpoint);
        if (there != model.end() && there->second.connections == 0) model.erase(there);
        break;
    }
    // Only one without a connection gives way, to one that was taken.
    std::erase_if(model, [&](const auto& entry) {
      const bool gone = !table.contains(entry.first);
      if (gone) RC_ASSERT(entry.second.connections == 0u);
      return gone;
    });
    RC_ASSERT(table.size() == model.size());
    std::map<size_t, size_t> buckets;
    for (const auto& [one, known] : model) {
      RC_ASSERT(++buckets[shared_prefix(own, place_of(one))] <= PlaceTable::kBucketMax);
    }
    const Digest id = any_id();
    std::vector<Endpoint> expected;
    for (const bool proven : {true, false}) {
      std::vector<Endpoint> part;
      for (const auto& [one, known] : model) {
        const bool fresh = known.connections > 0 || now - known.alive < PlaceTable::kForgottenAfter;
        if (known.proven == proven && fresh) part.push_back(one);
      }
      sort_from(id, part);
      expected.insert(expected.end(), part.begin(), part.end());
    }
    expected.resize(std::min<size_t>(expected.size(), 8));
    RC_ASSERT(table.nearest(id, 8, now, nullptr) == expected);
  }
}

RC_GTEST_PROP(ListingsProperty, tells_whom_it_took_for_half_an_hour_and_nobody_else, ()) {
  Listings listings(any_id());
  std::map<std::pair<uint32_t, Endpoint>, Time> until;
  Time now = Time::from_ns(1);
  const auto steps = *rc::gen::inRange(1, 300);
  for (int step = 0; step < steps; ++step) {
    now = now + Duration::minutes(*rc::gen::inRange(0, 5));
    const auto number = *rc::gen::inRange<uint32_t>(0, 4);
    const Endpoint endpoint{node(*rc::gen::inRange<uint32_t>(0, 4)).address,
                            *rc::gen::inRange<uint16_t>(1, 20)};
    const auto id_of = [](uint32_t n) { return sha256(std::as_bytes(std::span(&n, 1))); };
    size_t of_address = 0;
    size_t of_id = 0;
    for (const auto& [key, end] : until) {
      if (key.first != number || end <= now) continue;
      ++of_id;
      of_address += key.second.address == endpoint.address ? 1u : 0u;
    }
    const auto there = until.find({number, endpoint});
    const bool listed = there != until.end() && there->second > now;
    const bool room = of_id < Listings::kPerIdMax && of_address < Listings::kOfAddressMax;
    const auto added = listings.add(id_of(number), endpoint, now);
    if (listed) {
      RC_ASSERT(added == Listings::Added::renewed);
    } else if (room) {
      RC_ASSERT(added == Listings::Added::fresh);
    }
    if (added != Listings::Added::refused) {
      until[{number, endpoint}] = now + Listings::kListedFor;
    }
    if (*rc::gen::inRange(0, 20) == 0) listings.move_to(any_id());
    for (uint32_t n = 0; n < 4; ++n) {
      std::vector<Endpoint> expected;
      for (const auto& [key, end] : until) {
        if (key.first == n && end > now) expected.push_back(key.second);
      }
      auto told = listings.under(id_of(n), now);
      std::sort(told.begin(), told.end());
      RC_ASSERT(told == expected);
    }
  }
}

// Networks in which everybody knows up to 8 for every length of the prefix that they share with
// him, as nodes that have settled do (docs/protocol.md, Finding holders).
struct Network {
  std::vector<Endpoint> nodes;
  std::map<Endpoint, std::vector<Endpoint>> knows;
};

Network any_network() {
  Network network;
  const auto count = *rc::gen::inRange<uint32_t>(2, 120);
  for (uint32_t n = 0; n < count; ++n) network.nodes.push_back(node(n));
  for (const Endpoint& one : network.nodes) {
    std::map<size_t, std::vector<Endpoint>> by_prefix;
    for (const Endpoint& other : network.nodes) {
      if (other == one) continue;
      by_prefix[shared_prefix(place_of(one), place_of(other))].push_back(other);
    }
    auto& known = network.knows[one];
    for (auto& [prefix, others] : by_prefix) {
      const auto first = *rc::gen::inRange<size_t>(0, others.size());
      std::rotate(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(first),
                  others.end());
      others.resize(std::min(others.size(), PlaceTable::kBucketMax));
      known.insert(known.end(), others.begin(), others.end());
    }
  }
  return network;
}

RC_GTEST_PROP(LookupProperty, finds_the_nearest_of_a_network_in_which_all_answer, ()) {
  const Network network = any_network();
  const Digest id = any_id();
  const Time now = Time::from_ns(1);
  Lookup lookup(id, now);
  for (int i = 0; i < 3; ++i) {
    lookup.add(*rc::gen::elementOf(network.nodes), Lookup::Origin::spoken);
  }
  std::vector<Endpoint> waiting;
  while (!lookup.over(now)) {
    while (const auto endpoint = lookup.next(now)) waiting.push_back(*endpoint);
    RC_ASSERT(!waiting.empty() && waiting.size() <= Lookup::kParallel);
    const auto which = *rc::gen::inRange<size_t>(0, waiting.size());
    const Endpoint from = waiting[which];
    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(which));
    auto named = network.knows.at(from);
    sort_from(id, named);
    named.erase(std::unique(named.begin(), named.end()), named.end());
    named.resize(std::min<size_t>(named.size(), 8));
    lookup.answered(from, named);
  }
  RC_ASSERT(waiting.empty());
  auto nearest = network.nodes;
  sort_from(id, nearest);
  // Whoever is not the nearest of all knows one that is nearer.
  RC_ASSERT(lookup.nearest_answered().front() == nearest.front());
  RC_ASSERT(lookup.asks() <= Lookup::kAsksMax);
}

RC_GTEST_PROP(LookupProperty, ends_within_its_bounds_whatever_is_answered, ()) {
  const Digest id = any_id();
  const Time start = Time::from_ns(1);
  Time now = start;
  Lookup lookup(id, start);
  lookup.add(node(0), Lookup::Origin::bootstrap);
  std::set<Endpoint> asked;
  while (!lookup.over(now)) {
    while (const auto endpoint = lookup.next(now)) {
      RC_ASSERT(asked.insert(*endpoint).second);  // nobody twice
    }
    const Time due = lookup.next_due(now);
    RC_ASSERT(due > now && !due.is_never());
    const Endpoint from = *rc::gen::elementOf(asked);
    switch (*rc::gen::inRange(0, 3)) {
      case 0: {
        std::vector<Endpoint> named;
        for (int i = 0; i < 8; ++i) named.push_back(node(*rc::gen::inRange<uint32_t>(0, 5000)));
        lookup.answered(from, named);
        break;
      }
      case 1:
        lookup.failed(from);
        break;
      default:
        now = due;
        break;
    }
  }
  RC_ASSERT(asked.size() == lookup.asks() && lookup.asks() <= Lookup::kAsksMax);
  RC_ASSERT(now <= start + Lookup::kOverAfter);
}

}  // namespace
}  // namespace p2p
