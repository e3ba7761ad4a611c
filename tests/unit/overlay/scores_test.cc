// What is held against addresses, and what follows from it.
#include "engine/overlay/scores.h"

#include <gtest/gtest.h>

#include "engine/overlay/network_group.h"
#include "engine/overlay/record_allowance.h"

namespace p2p::scores_test {
namespace {

using Verdict = Scores::Verdict;

Address at(const char* text) { return Address::parse(text).value(); }
Time minute(int64_t n) { return Time::from_ns(0) + Duration::minutes(n); }
Time second(int64_t n) { return Time::from_ns(0) + Duration::seconds(n); }

const Address kBad = Address::v4(198, 18, 0, 1);

void refuse(Scores& scores, const Address& address, Time now) {
  for (int i = 0; i < 10; ++i) scores.charge(address, 100, now);
}

TEST(NetworkGroup, is_what_registries_hand_out) {
  EXPECT_EQ(network_group(at("8.8.4.4")), at("8.8.0.0"));
  EXPECT_EQ(network_group(at("2a01:4f8:c0c:1::7")), at("2a01:4f8::"));
}

TEST(NetworkGroup, is_one_for_all_addresses_of_machines_and_local_networks) {
  for (const char* text : {"127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "fd77::1", "fe80::1"}) {
    EXPECT_EQ(network_group(at(text)), Address::any()) << text;
  }
}

TEST(SiteOf, is_the_address_or_the_64_of_an_IPv6_customer) {
  EXPECT_EQ(site_of(at("8.8.4.4")), at("8.8.4.4"));
  EXPECT_EQ(site_of(at("2a01:4f8:c0c:1:9::7")), at("2a01:4f8:c0c:1::"));
  EXPECT_EQ(site_of(at("fd77::1:7")), at("fd77::1:7"));
}

TEST(Points, are_halved_every_five_minutes) {
  Points points;
  points.add(100, minute(0));
  EXPECT_EQ(points.at(second(299)), 100u);
  EXPECT_EQ(points.at(minute(5)), 50u);
  points.add(50, minute(5));
  EXPECT_EQ(points.at(minute(10)), 50u);
  EXPECT_EQ(points.at(minute(60)), 0u);
  EXPECT_EQ(points.at(minute(100'000)), 0u);
}

TEST(Scores, a_single_fault_refuses_nobody) {
  Scores scores;
  scores.charge(kBad, 200, minute(0));
  EXPECT_EQ(scores.points(kBad, minute(0)), 200u);
  EXPECT_FALSE(scores.refuses(kBad, minute(0)));
  EXPECT_EQ(scores.judge(kBad, minute(0)), Verdict::welcome);
}

TEST(Scores, ten_broken_connections_refuse_their_address_for_five_minutes_and_no_other) {
  Scores scores;
  refuse(scores, kBad, minute(0));
  EXPECT_TRUE(scores.refuses(kBad, minute(0)));
  EXPECT_TRUE(scores.refuses(kBad, second(299)));
  EXPECT_FALSE(scores.refuses(kBad, minute(5)));
  EXPECT_FALSE(scores.refuses(Address::v4(198, 18, 0, 2), minute(0)));
}

TEST(Scores, faults_that_are_far_between_refuse_nobody) {
  Scores scores;
  for (int i = 0; i < 1000; ++i) scores.charge(kBad, 100, minute(2 * i));
  EXPECT_FALSE(scores.refuses(kBad, minute(2000)));
}

TEST(Scores, a_honest_newcomer_behind_a_refused_address_gets_in_within_ten_seconds) {
  Scores scores;
  refuse(scores, kBad, minute(0));
  EXPECT_EQ(scores.judge(kBad, second(1)), Verdict::welcome);
  EXPECT_EQ(scores.judge(kBad, second(1)), Verdict::address_refused);
  EXPECT_EQ(scores.judge(kBad, second(10)), Verdict::address_refused);
  EXPECT_EQ(scores.judge(kBad, second(11)), Verdict::welcome);
  ASSERT_EQ(scores.refusals(second(11)).size(), 1u);
  EXPECT_EQ(scores.refusals(second(11))[0].turned_away, 2u);
}

TEST(Scores, each_refusal_that_follows_another_is_twice_as_long_up_to_four_hours) {
  Scores scores;
  Time now = minute(0);
  for (const int64_t minutes : {5, 10, 20, 40, 80, 160, 240, 240}) {
    refuse(scores, kBad, now);
    EXPECT_TRUE(scores.refuses(kBad, now + Duration::minutes(minutes) - Duration::seconds(1)));
    now = now + Duration::minutes(minutes);
    EXPECT_FALSE(scores.refuses(kBad, now)) << minutes;
  }
}

TEST(Scores, a_refusal_is_forgotten_as_long_after_it_as_it_was) {
  Scores scores;
  refuse(scores, kBad, minute(0));
  refuse(scores, kBad, minute(10));
  EXPECT_FALSE(scores.refuses(kBad, minute(15)));
}

TEST(Scores, what_comes_to_light_during_a_refusal_counts_after_it) {
  Scores scores;
  refuse(scores, kBad, minute(0));
  for (int i = 0; i < 100; ++i) scores.charge(kBad, 100, second(299));
  EXPECT_FALSE(scores.refuses(kBad, second(300)));
  scores.charge(kBad, 100, second(300));
  EXPECT_TRUE(scores.refuses(kBad, second(899)));
}

TEST(Scores, four_refused_addresses_refuse_their_network_until_one_of_them_is_welcome) {
  Scores scores;
  const Address other = Address::v4(8, 8, 200, 200);
  for (uint8_t i = 1; i <= 3; ++i) refuse(scores, Address::v4(8, 8, 0, i), minute(0));
  EXPECT_FALSE(scores.refuses(other, minute(1)));
  refuse(scores, Address::v4(8, 8, 0, 4), minute(1));
  EXPECT_TRUE(scores.refuses(other, minute(1)));
  EXPECT_FALSE(scores.refuses(Address::v4(8, 9, 0, 1), minute(1)));
  EXPECT_EQ(scores.judge(other, minute(1)), Verdict::welcome) << "one now and then";
  EXPECT_EQ(scores.judge(other, minute(1)), Verdict::network_refused);
  EXPECT_EQ(scores.judge(other, minute(1) + Duration::seconds(1)), Verdict::welcome);
  const auto refusals = scores.refusals(minute(2));
  ASSERT_EQ(refusals.size(), 5u);
  EXPECT_TRUE(refusals[4].network);
  EXPECT_EQ(refusals[4].address, at("8.8.0.0"));
  EXPECT_EQ(refusals[4].left, Duration::minutes(3));
  EXPECT_EQ(refusals[4].turned_away, 1u);
  EXPECT_FALSE(scores.refuses(other, minute(5)));
}

TEST(Scores, local_networks_are_not_refused_as_a_whole) {
  Scores scores;
  for (uint8_t i = 1; i <= 20; ++i) refuse(scores, Address::v4(192, 168, 0, i), minute(0));
  EXPECT_TRUE(scores.refuses(Address::v4(192, 168, 0, 1), minute(0)));
  EXPECT_FALSE(scores.refuses(Address::v4(192, 168, 0, 99), minute(0)));
}

TEST(Scores, nothing_is_held_against_loopback) {
  Scores scores;
  for (const char* text : {"::1", "127.0.0.1", "127.9.9.9"}) {
    for (int i = 0; i < 1000; ++i) scores.charge(at(text), 1000, minute(0));
    EXPECT_FALSE(scores.refuses(at(text), minute(0)));
    EXPECT_EQ(scores.judge(at(text), minute(0)), Verdict::welcome);
  }
  EXPECT_EQ(scores.size(), 0u);
}

TEST(Scores, a_customer_of_IPv6_gains_nothing_by_using_many_addresses) {
  Scores scores;
  Address address = at("2a01:4f8:1:1::");
  for (uint8_t i = 0; i < 10; ++i) {
    address.bytes[15] = std::byte{i};
    scores.charge(address, 100, minute(0));
  }
  EXPECT_TRUE(scores.refuses(at("2a01:4f8:1:1:abcd::99"), minute(0)));
  EXPECT_FALSE(scores.refuses(at("2a01:4f8:1:2::99"), minute(0)));
}

TEST(Scores, small_misdeeds_of_thousands_do_not_push_out_a_refusal) {
  Scores scores;
  refuse(scores, kBad, minute(0));
  for (uint32_t i = 0; i < 5000; ++i) {
    scores.charge(Address::v4(9, 9, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)), 1,
                  minute(1));
  }
  EXPECT_LE(scores.size(), Scores::kAddressesMax);
  EXPECT_TRUE(scores.refuses(kBad, minute(1)));
}

TEST(RecordAllowance, a_first_answer_may_fill_a_message) {
  RecordAllowance allowance(second(0));
  EXPECT_EQ(allowance.take(1024, second(0)), 1024u);
  EXPECT_EQ(allowance.take(1, second(4)), 0u);
  EXPECT_EQ(allowance.take(60, second(5)), 50u);
}

TEST(RecordAllowance, an_honest_neighbour_never_comes_to_its_end) {
  RecordAllowance allowance(second(0));
  EXPECT_EQ(allowance.take(1024, second(0)), 1024u);
  for (int64_t s = 8; s < 10'000; s += 8) EXPECT_EQ(allowance.take(50, second(s)), 50u);
}

TEST(RecordAllowance, saves_up_one_message_and_no_more) {
  RecordAllowance allowance(second(0));
  EXPECT_EQ(allowance.take(5000, second(1'000'000)), 1024u);
}

}  // namespace
}  // namespace p2p::scores_test
