#include "engine/overlay/lookup.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engine/overlay/place.h"

namespace p2p::lookup_test {
namespace {

using Origin = Lookup::Origin;

const Time kStart = Time::from_ns(1'000'000'000);
const Digest kId = sha256({});

Endpoint at(uint32_t host, uint16_t port = 8100) {
  return {Address::v4(9, static_cast<uint8_t>(host >> 16), static_cast<uint8_t>(host >> 8),
                      static_cast<uint8_t>(host)),
          port};
}

// `count` endpoints, the nearest to the id first.
std::vector<Endpoint> by_distance(uint32_t count) {
  std::vector<Endpoint> endpoints;
  for (uint32_t i = 0; i < count; ++i) endpoints.push_back(at(i));
  std::sort(endpoints.begin(), endpoints.end(), [](const Endpoint& a, const Endpoint& b) {
    return distance(kId, place_of(a)) < distance(kId, place_of(b));
  });
  return endpoints;
}

std::vector<Endpoint> all_due(Lookup& lookup, Time now) {
  std::vector<Endpoint> due;
  while (const auto endpoint = lookup.next(now)) due.push_back(*endpoint);
  return due;
}

TEST(Lookup, asks_the_three_nearest_and_the_next_when_one_has_answered) {
  const auto nodes = by_distance(20);
  Lookup lookup(kId, kStart);
  for (const Endpoint& node : nodes) lookup.add(node, Origin::spoken);
  EXPECT_EQ(all_due(lookup, kStart), (std::vector{nodes[0], nodes[1], nodes[2]}));
  lookup.answered(nodes[1], {});
  EXPECT_EQ(all_due(lookup, kStart), std::vector{nodes[3]});
  EXPECT_FALSE(lookup.over(kStart));
}

TEST(Lookup, is_over_when_the_eight_nearest_have_answered) {
  const auto nodes = by_distance(20);
  Lookup lookup(kId, kStart);
  for (const Endpoint& node : nodes) lookup.add(node, Origin::spoken);
  while (!lookup.over(kStart)) {
    for (const Endpoint& node : all_due(lookup, kStart)) lookup.answered(node, {});
  }
  EXPECT_EQ(lookup.asks(), 8u);
  EXPECT_EQ(lookup.nearest_answered(), std::vector(nodes.begin(), nodes.begin() + 8));
  EXPECT_TRUE(lookup.next_due(kStart).is_never());
}

TEST(Lookup, goes_on_to_the_nearer_ones_that_an_answer_names) {
  const auto nodes = by_distance(40);
  Lookup lookup(kId, kStart);
  lookup.add(nodes[39], Origin::spoken);
  EXPECT_EQ(all_due(lookup, kStart), std::vector{nodes[39]});
  lookup.answered(nodes[39], std::vector{nodes[20], nodes[21]});
  EXPECT_EQ(all_due(lookup, kStart), (std::vector{nodes[20], nodes[21]}));
  lookup.answered(nodes[20], std::vector(nodes.begin(), nodes.begin() + 8));
  EXPECT_EQ(all_due(lookup, kStart), (std::vector{nodes[0], nodes[1]}));
}

TEST(Lookup, asks_the_bootstrap_nodes_at_once_however_far_they_are) {
  const auto nodes = by_distance(20);
  Lookup lookup(kId, kStart);
  for (size_t i = 0; i < 10; ++i) lookup.add(nodes[i], Origin::spoken);
  lookup.add(nodes[19], Origin::bootstrap);
  EXPECT_EQ(all_due(lookup, kStart), (std::vector{nodes[19], nodes[0], nodes[1], nodes[2]}));
}

TEST(Lookup, goes_round_those_who_are_slow_and_takes_their_answer_when_it_comes) {
  const auto nodes = by_distance(20);
  Lookup lookup(kId, kStart);
  for (const Endpoint& node : nodes) lookup.add(node, Origin::spoken);
  all_due(lookup, kStart);
  EXPECT_EQ(lookup.next_due(kStart), kStart + Lookup::kSlowAfter);
  const Time slow = kStart + Lookup::kSlowAfter;
  EXPECT_EQ(all_due(lookup, slow), (std::vector{nodes[3], nodes[4], nodes[5]}));
  lookup.answered(nodes[0], {});
  EXPECT_EQ(lookup.nearest_answered(), std::vector{nodes[0]});
}

TEST(Lookup, ends_without_an_answer_when_nobody_gives_one) {
  Lookup lookup(kId, kStart);
  lookup.add(at(1), Origin::spoken);
  all_due(lookup, kStart);
  EXPECT_FALSE(lookup.over(kStart));
  EXPECT_TRUE(lookup.over(kStart + Lookup::kGivenUpAfter));
  Lookup refused(kId, kStart);
  refused.add(at(1), Origin::spoken);
  all_due(refused, kStart);
  refused.failed(at(1));
  EXPECT_TRUE(refused.over(kStart));
}

TEST(Lookup, asks_two_at_one_address_and_all_of_them_on_loopback) {
  Lookup lookup(kId, kStart);
  Lookup local(kId, kStart);
  for (uint16_t port = 1; port <= 10; ++port) {
    lookup.add(at(1, port), Origin::spoken);
    local.add({Address::loopback(), port}, Origin::spoken);
  }
  size_t here = 0;
  while (const auto endpoint = lookup.next(kStart)) lookup.answered(*endpoint, {});
  while (const auto endpoint = local.next(kStart)) {
    local.answered(*endpoint, {});
    ++here;
  }
  EXPECT_EQ(lookup.asks(), 2u);
  EXPECT_EQ(here, 8u);
}

TEST(Lookup, tries_twelve_of_whom_nobody_has_spoken_with) {
  Lookup lookup(kId, kStart);
  for (uint32_t i = 0; i < 30; ++i) lookup.add(at(i), Origin::hearsay);
  while (const auto endpoint = lookup.next(kStart)) lookup.failed(*endpoint);
  EXPECT_EQ(lookup.asks(), Lookup::kHearsayMax);
  EXPECT_TRUE(lookup.over(kStart));
}

TEST(Lookup, leaves_the_others_that_a_liar_named) {
  const auto nodes = by_distance(30);
  Lookup lookup(kId, kStart);
  lookup.add(nodes[29], Origin::spoken);
  lookup.next(kStart);
  lookup.answered(nodes[29], std::vector(nodes.begin(), nodes.begin() + 20));
  while (const auto endpoint = lookup.next(kStart)) lookup.failed(*endpoint);
  EXPECT_EQ(lookup.asks(), 1u + Lookup::kLiesMax);
}

TEST(Lookup, counts_no_more_than_eight_of_an_answer) {
  const auto nodes = by_distance(30);
  Lookup lookup(kId, kStart);
  lookup.add(nodes[29], Origin::spoken);
  lookup.next(kStart);
  lookup.answered(nodes[29], std::vector(nodes.begin() + 10, nodes.begin() + 29));
  size_t named = 0;
  while (const auto endpoint = lookup.next(kStart)) {
    lookup.answered(*endpoint, {});
    ++named;
  }
  EXPECT_LE(named, 8u);
}

TEST(Lookup, a_crowd_that_names_itself_for_ever_is_left_after_forty_asks) {
  Lookup lookup(kId, kStart);
  lookup.add(at(0), Origin::spoken);
  uint32_t next = 1;
  Time now = kStart;
  while (!lookup.over(now)) {
    const auto endpoint = lookup.next(now);
    if (!endpoint) {
      now = lookup.next_due(now);
      continue;
    }
    std::vector<Endpoint> crowd;
    for (int i = 0; i < 8; ++i) crowd.push_back(at(next++));
    lookup.answered(*endpoint, crowd);
  }
  EXPECT_LE(lookup.asks(), Lookup::kAsksMax);
}

TEST(Lookup, what_was_not_asked_does_not_count) {
  Lookup lookup(kId, kStart);
  lookup.add(at(1), Origin::spoken);
  lookup.answered(at(1), std::vector{at(2)});
  lookup.answered(at(3), std::vector{at(4)});
  EXPECT_EQ(lookup.answers(), 0u);
  EXPECT_EQ(lookup.next(kStart), at(1));
  EXPECT_EQ(lookup.next(kStart), std::nullopt);
}

}  // namespace
}  // namespace p2p::lookup_test
