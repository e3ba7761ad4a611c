#include "engine/overlay/shun_list.h"

#include <gtest/gtest.h>

namespace p2p::shun_list_test {
namespace {

Time t(int64_t minutes) { return Time::from_ns(0) + Duration::minutes(minutes); }
Endpoint at(uint8_t host, uint16_t port) { return {Address::v4(198, 51, 100, host), port}; }
const Address kVictim = at(1, 0).address;

TEST(ShunList, an_unreachable_endpoint_is_shunned_for_ten_minutes_and_then_twice_as_long) {
  ShunList list(16);
  list.add_unreachable(at(1, 9000), t(0));
  EXPECT_TRUE(list.contains(at(1, 9000), t(9)));
  EXPECT_FALSE(list.contains(at(1, 9000), t(10)));
  list.add_unreachable(at(1, 9000), t(12));
  EXPECT_TRUE(list.contains(at(1, 9000), t(31)));
  EXPECT_FALSE(list.contains(at(1, 9000), t(32)));
}

TEST(ShunList, the_time_is_bounded_and_forgotten_after_as_long_again) {
  ShunList list(16);
  Time now = t(0);
  for (int i = 0; i < 10; ++i) {
    list.add_unreachable(at(1, 9000), now);
    now = list.not_before(at(1, 9000), now);
  }
  list.add_unreachable(at(1, 9000), now);
  EXPECT_EQ(list.not_before(at(1, 9000), now), now + ShunList::kLongest);
  const Time much_later = now + ShunList::kLongest * 2;
  list.add_unreachable(at(1, 9000), much_later);
  EXPECT_EQ(list.not_before(at(1, 9000), much_later), much_later + ShunList::kFirst);
}

// Until it rests.
void fail(ShunList& list, const Address& address, Time now) {
  for (uint32_t i = 1; i < ShunList::kEndpointsOfAddress; ++i) {
    EXPECT_FALSE(list.add_failure(address, now));
  }
  EXPECT_TRUE(list.add_failure(address, now));
}

TEST(ShunList, a_failure_makes_an_address_suspect_and_four_make_it_rest) {
  ShunList list(16);
  EXPECT_FALSE(list.suspects(kVictim, t(0)));
  EXPECT_FALSE(list.add_failure(kVictim, t(0)));
  EXPECT_TRUE(list.suspects(kVictim, t(59)));
  EXPECT_FALSE(list.suspects(kVictim, t(60)));
  EXPECT_FALSE(list.add_failure(kVictim, t(1)));
  EXPECT_FALSE(list.add_failure(kVictim, t(2)));
  EXPECT_FALSE(list.rests(kVictim, t(2)));
  EXPECT_TRUE(list.add_failure(kVictim, t(3)));
  EXPECT_TRUE(list.rests(kVictim, t(3)));
}

TEST(ShunList, an_address_rests_for_ten_minutes_and_after_the_next_failure_twice_as_long) {
  ShunList list(16);
  fail(list, kVictim, t(0));
  EXPECT_TRUE(list.rests(kVictim, t(9)));
  EXPECT_FALSE(list.rests(kVictim, t(10)));
  EXPECT_TRUE(list.suspects(kVictim, t(19)));
  EXPECT_TRUE(list.add_failure(kVictim, t(10)));
  EXPECT_TRUE(list.rests(kVictim, t(29)));
  EXPECT_FALSE(list.rests(kVictim, t(30)));
  EXPECT_FALSE(list.rests(at(2, 0).address, t(1)));
}

TEST(ShunList, an_address_rests_for_a_day_at_most) {
  ShunList list(16);
  Time now = t(0);
  fail(list, kVictim, now);
  for (int i = 0; i < 20; ++i) {
    list.add_failure(kVictim, now);
    while (list.rests(kVictim, now)) now = now + Duration::minutes(10);
  }
  list.add_failure(kVictim, now);
  EXPECT_TRUE(list.rests(kVictim, now + ShunList::kLongestOfAddress - Duration::minutes(1)));
  EXPECT_FALSE(list.rests(kVictim, now + ShunList::kLongestOfAddress));
  EXPECT_FALSE(list.suspects(kVictim, now + ShunList::kLongestOfAddress * 2));
}

TEST(ShunList, a_network_rests_while_sixteen_of_its_addresses_do) {
  ShunList list(64);
  for (uint8_t host = 1; host <= 15; ++host) fail(list, at(host, 1).address, t(0));
  EXPECT_FALSE(list.network_rests(at(100, 1).address, t(0)));
  fail(list, at(16, 1).address, t(5));
  EXPECT_TRUE(list.network_rests(at(100, 1).address, t(5)));
  EXPECT_TRUE(list.network_rests(Address::v4(198, 51, 7, 7), t(9)));
  EXPECT_FALSE(list.network_rests(Address::v4(198, 52, 7, 7), t(9)));
  EXPECT_FALSE(list.network_rests(at(100, 1).address, t(10))) << "only one of them rests still";
}

TEST(ShunList, a_private_network_never_rests_as_a_whole) {
  ShunList list(64);
  for (uint8_t host = 1; host <= 40; ++host) fail(list, Address::v4(10, 0, 0, host), t(0));
  EXPECT_TRUE(list.rests(Address::v4(10, 0, 0, 40), t(1)));
  EXPECT_FALSE(list.network_rests(Address::v4(10, 0, 0, 41), t(1)));
}

TEST(ShunList, nothing_is_held_against_this_machine) {
  ShunList list(16);
  list.add_unreachable({Address::loopback(), 1}, t(0));
  EXPECT_FALSE(list.add_failure(Address::loopback(), t(0)));
  EXPECT_FALSE(list.rests(Address::loopback(), t(0)));
  EXPECT_FALSE(list.suspects(Address::loopback(), t(0)));
  EXPECT_TRUE(list.contains({Address::loopback(), 1}, t(0)));
}

TEST(ShunList, speaking_with_an_address_ends_what_is_held_against_it) {
  ShunList list(16);
  list.add_unreachable(at(1, 3), t(0));
  list.add_unreachable(at(1, 4), t(0));
  fail(list, kVictim, t(0));
  list.spoke_with(at(1, 4));
  EXPECT_FALSE(list.rests(kVictim, t(0)));
  EXPECT_FALSE(list.contains(at(1, 4), t(0)));
  EXPECT_TRUE(list.contains(at(1, 3), t(0)));
}

TEST(ShunList, a_fault_lasts_though_it_is_spoken_with) {
  ShunList list(16);
  list.add_fault(at(1, 1), t(0));
  list.spoke_with(at(1, 1));
  EXPECT_TRUE(list.is_at_fault(at(1, 1), t(9)));
  EXPECT_FALSE(list.is_at_fault(at(1, 1), t(10)));
}

TEST(ShunList, keeps_for_people_what_led_to_it) {
  ShunList list(16);
  list.add_unreachable(at(1, 1), t(3));
  list.note(at(1, 1), Contact::failed(NetError::refused));
  ASSERT_NE(list.find(at(1, 1), t(4)), nullptr);
  EXPECT_EQ(list.find(at(1, 1), t(4))->contact, Contact::failed(NetError::refused));
  EXPECT_EQ(list.find(at(1, 1), t(4))->since, t(3));
  EXPECT_EQ(list.size(t(4)), 1U);
  EXPECT_EQ(list.find(at(1, 1), t(13)), nullptr);
  EXPECT_EQ(list.size(t(13)), 0U);
}

TEST(ShunList, is_bounded_and_keeps_what_lasts_longest) {
  ShunList list(4);
  for (uint8_t host = 1; host <= 10; ++host) list.add_unreachable(at(host, 1), t(host));
  for (uint8_t host = 1; host <= 6; ++host) EXPECT_FALSE(list.contains(at(host, 1), t(10)));
  for (uint8_t host = 7; host <= 10; ++host) EXPECT_TRUE(list.contains(at(host, 1), t(10)));
  for (uint8_t host = 1; host <= 10; ++host) fail(list, at(host, 1).address, t(host));
  EXPECT_FALSE(list.rests(at(6, 1).address, t(10)));
  EXPECT_TRUE(list.rests(at(7, 1).address, t(10)));
}

}  // namespace
}  // namespace p2p::shun_list_test
