#include "engine/overlay/address_book.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace p2p::address_book_test {
namespace {

using Endpoints = std::vector<Endpoint>;

Endpoint at(const std::string& text) { return Endpoint::parse(text).value(); }
// Distinct endpoints at distinct addresses.
Endpoint peer(int n) {
  return {Address::v4(198, 51, static_cast<uint8_t>(n / 256), static_cast<uint8_t>(n % 256)), 8100};
}
Address source(int n) { return Address::v4(203, 0, 113, static_cast<uint8_t>(n)); }
Time t(int64_t seconds) { return Time::from_ns(0) + Duration::seconds(seconds); }

const Endpoint kA = at("192.0.2.1:8100");
const Endpoint kB = at("192.0.2.2:8100");
const Endpoint kC = at("192.0.2.3:8100");

class Book : public testing::Test {
 protected:
  Endpoints pick(int64_t seconds, size_t count = 1000) {
    Endpoints picked = book_.pick_to_dial(t(seconds), random_, count, nullptr);
    std::sort(picked.begin(), picked.end());
    return picked;
  }
  // Dials and fails at each time that the endpoint is due; returns the waits between, in seconds.
  std::vector<int64_t> waits_of_failures(const Endpoint& endpoint, Time now, int failures) {
    std::vector<int64_t> waits;
    for (int i = 0; i < failures; ++i) {
      book_.dial_started(endpoint, now);
      book_.dial_failed(endpoint, now, random_);
      const Time due = book_.next_due(nullptr);
      if (due.is_never()) break;
      waits.push_back((due - now).count_ms());
      now = due;
    }
    return waits;
  }

  Random random_{Seed{1}};
  AddressBook book_{64, Duration::minutes(3), 7};
};

TEST_F(Book, empty_book_sleeps) {
  EXPECT_TRUE(book_.next_due(nullptr).is_never());
  EXPECT_TRUE(pick(0).empty());
  EXPECT_TRUE(book_.known_alive(t(0)).empty());
}

TEST_F(Book, hearsay_is_dialled_but_not_handed_on) {
  book_.heard(kA, source(1), t(5));
  EXPECT_EQ(book_.next_due(nullptr), t(5));
  EXPECT_EQ(pick(5), Endpoints{kA});
  EXPECT_FALSE(book_.handable(kA, t(5)));
  EXPECT_TRUE(book_.news_since(0, t(5), 50).endpoints.empty());
  EXPECT_TRUE(book_.alive_sample(t(5), random_, 50).empty());
}

TEST_F(Book, an_endpoint_being_dialled_is_not_picked_again) {
  book_.heard(kA, source(1), t(0));
  book_.dial_started(kA, t(0));
  EXPECT_TRUE(pick(10).empty());
}

TEST_F(Book, a_dial_that_nobody_ended_is_due_again_after_a_minute) {
  book_.heard(kA, source(1), t(0));
  book_.dial_started(kA, t(0));
  EXPECT_EQ(book_.next_due(nullptr), t(60));
}

TEST_F(Book, an_abandoned_dial_is_no_failure) {
  book_.heard(kA, source(1), t(0));
  for (int i = 0; i < 10; ++i) {
    book_.dial_started(kA, t(i));
    book_.dial_abandoned(kA, t(i));
  }
  EXPECT_EQ(book_.next_due(nullptr), t(10));
}

TEST_F(Book, a_dialled_endpoint_is_handed_on_while_its_connection_lives) {
  book_.spoke(kA, Proof::dialled, t(0));
  EXPECT_TRUE(book_.handable(kA, t(100'000)));
  EXPECT_TRUE(pick(100'000).empty()) << "a connected endpoint is not dialled";
}

TEST_F(Book, a_dialled_endpoint_is_handed_on_for_three_minutes_after_its_connection) {
  book_.spoke(kA, Proof::dialled, t(0));
  book_.connection_ended(kA, t(100), random_);
  EXPECT_TRUE(book_.handable(kA, t(280)));
  EXPECT_FALSE(book_.handable(kA, t(281)));
}

TEST_F(Book, a_believed_claim_is_handed_on_only_while_its_connection_lives) {
  book_.spoke(kA, Proof::claimed, t(0));
  EXPECT_TRUE(book_.handable(kA, t(99)));
  book_.connection_ended(kA, t(100), random_);
  EXPECT_FALSE(book_.handable(kA, t(100)));
  EXPECT_TRUE(book_.is_tried(kA));
}

TEST_F(Book, a_claim_that_a_dial_has_proved_is_handed_on_after_its_connection) {
  book_.spoke(kA, Proof::claimed, t(0));
  book_.spoke(kA, Proof::dialled, t(10));
  book_.connection_ended(kA, t(20), random_);
  book_.connection_ended(kA, t(20), random_);
  EXPECT_TRUE(book_.handable(kA, t(100)));
}

TEST_F(Book, the_last_of_several_connections_counts) {
  book_.spoke(kA, Proof::dialled, t(0));
  book_.spoke(kA, Proof::dialled, t(1));
  book_.connection_ended(kA, t(2), random_);
  EXPECT_TRUE(book_.handable(kA, t(10'000)));
  book_.connection_ended(kA, t(10'000), random_);
  EXPECT_TRUE(book_.handable(kA, t(10'100)));
  EXPECT_FALSE(book_.handable(kA, t(10'181)));
}

TEST_F(Book, a_failed_dial_ends_the_handing_on_until_it_is_spoken_with_again) {
  book_.spoke(kA, Proof::dialled, t(0));
  book_.connection_ended(kA, t(1), random_);
  book_.dial_failed(kA, t(5), random_);
  EXPECT_FALSE(book_.handable(kA, t(5)));
  book_.spoke(kA, Proof::claimed, t(6));
  EXPECT_TRUE(book_.handable(kA, t(6)));
  book_.connection_ended(kA, t(7), random_);
  EXPECT_FALSE(book_.handable(kA, t(7))) << "no dial has succeeded since one failed";
}

TEST_F(Book, a_failed_dial_ends_the_handing_on_of_a_claim_whose_connection_lives) {
  book_.spoke(kA, Proof::claimed, t(0));
  book_.dial_started(kA, t(4));
  book_.dial_failed(kA, t(5), random_);
  EXPECT_FALSE(book_.handable(kA, t(5)));
}

// The dial came before the node was there; then it connected to us, and only then we hear of that.
TEST_F(Book, a_dial_that_began_before_the_claim_says_nothing_against_it) {
  book_.heard(kA, source(1), t(0));
  book_.dial_started(kA, t(1));
  book_.spoke(kA, Proof::claimed, t(2));
  book_.dial_failed(kA, t(3), random_);
  EXPECT_TRUE(book_.handable(kA, t(3)));
  book_.connection_ended(kA, t(4), random_);
  EXPECT_FALSE(book_.handable(kA, t(4))) << "no dial has succeeded";
}

TEST_F(Book, hearsay_is_dropped_after_three_failures_and_not_believed_for_ten_minutes) {
  book_.heard(kA, source(1), t(0));
  EXPECT_EQ(waits_of_failures(kA, t(0), 10).size(), 2U);
  EXPECT_FALSE(book_.contains(kA));
  book_.heard(kA, source(2), t(500));
  EXPECT_FALSE(book_.contains(kA));
  book_.heard(kA, source(2), t(610));
  EXPECT_TRUE(book_.contains(kA));
}

TEST_F(Book, an_address_named_with_many_ports_is_dialled_a_few_times_and_then_left) {
  int dials = 0;
  for (int64_t minute = 0; minute < 600; ++minute) {
    for (uint16_t port = 1; port <= 20; ++port) {
      const auto n = static_cast<uint16_t>(9000 + minute * 20 + port);
      book_.heard({source(200), n}, source(1), t(minute * 60));
    }
    for (const Endpoint& endpoint : pick(minute * 60)) {
      ++dials;
      book_.dial_started(endpoint, t(minute * 60));
      book_.dial_failed(endpoint, t(minute * 60), random_);
    }
  }
  EXPECT_LE(dials, 24);
  EXPECT_EQ(book_.size(), 0U);
}

TEST_F(Book, whoever_speaks_from_a_shunned_address_makes_its_other_nodes_known_again) {
  for (uint16_t port = 1; port <= 4; ++port) {
    book_.heard({source(200), port}, source(1), t(0));
    book_.dial_started({source(200), port}, t(0));
    book_.dial_failed({source(200), port}, t(0), random_);
    if (port == 1) continue;
    EXPECT_FALSE(book_.contains({source(200), port})) << "suspect: tried just once";
  }
  book_.heard({source(200), 5}, source(1), t(1));
  EXPECT_FALSE(book_.contains({source(200), 5}));
  book_.spoke({source(200), 6}, Proof::claimed, t(2));
  book_.heard({source(200), 5}, source(1), t(3));
  EXPECT_TRUE(book_.contains({source(200), 5}));
}

TEST_F(Book, dropped_hearsay_that_speaks_to_us_is_handed_on_at_once) {
  book_.heard(kA, source(1), t(0));
  waits_of_failures(kA, t(0), 3);
  book_.spoke(kA, Proof::claimed, t(10));
  EXPECT_TRUE(book_.handable(kA, t(10)));
}

TEST_F(Book, dials_of_a_known_peer_back_off_from_one_second_to_five_minutes) {
  book_.spoke(kA, Proof::dialled, t(0));
  book_.connection_ended(kA, t(100), random_);
  const std::vector<int64_t> waits = waits_of_failures(kA, t(101), 14);
  ASSERT_EQ(waits.size(), 14U);
  int64_t mean = 2000;  // 1 s went to the end of the connection
  for (const int64_t wait : waits) {
    EXPECT_GE(wait, mean * 3 / 4);
    EXPECT_LE(wait, mean * 5 / 4);
    mean = std::min<int64_t>(mean * 2, 300'000);
  }
  EXPECT_TRUE(book_.contains(kA)) << "what was spoken with is not dropped for being away";
}

TEST_F(Book, a_peer_that_hangs_up_at_once_is_dialled_ever_less_often) {
  Time now = t(0);
  for (int i = 0; i < 6; ++i) {
    book_.spoke(kA, Proof::dialled, now);
    book_.connection_ended(kA, now, random_);
    now = book_.next_due(nullptr);
  }
  const Duration last_wait = now - t(0);
  EXPECT_GT(last_wait, Duration::seconds(40));
}

TEST_F(Book, a_lasting_connection_forgives_earlier_failures) {
  book_.spoke(kA, Proof::dialled, t(0));
  book_.connection_ended(kA, t(100), random_);
  waits_of_failures(kA, t(101), 8);
  book_.spoke(kA, Proof::dialled, t(1000));
  book_.connection_ended(kA, t(1060), random_);
  EXPECT_LT(book_.next_due(nullptr), t(1062));
}

TEST_F(Book, own_endpoint_is_forgotten_and_never_returns) {
  book_.heard(kA, source(1), t(0));
  book_.mark_own(kA, t(1));
  EXPECT_TRUE(book_.is_own(kA));
  book_.heard(kA, source(2), t(2));
  book_.spoke(kA, Proof::dialled, t(3));
  book_.spoke(kA, Proof::claimed, t(3));
  EXPECT_FALSE(book_.contains(kA));
  EXPECT_TRUE(pick(100'000).empty());
  EXPECT_TRUE(book_.known_alive(t(3)).empty());
}

TEST_F(Book, an_endpoint_at_fault_is_left_alone_for_ten_minutes) {
  book_.spoke(kA, Proof::dialled, t(0));
  book_.fault(kA, t(10));
  book_.connection_ended(kA, t(10), random_);
  EXPECT_FALSE(book_.handable(kA, t(11)));
  EXPECT_TRUE(pick(609).empty());
  EXPECT_EQ(book_.next_due(nullptr), t(610));
  EXPECT_EQ(pick(610), Endpoints{kA});
}

TEST_F(Book, an_endpoint_at_fault_is_handed_on_only_when_spoken_with_after_that) {
  book_.spoke(kA, Proof::dialled, t(0));
  book_.fault(kA, t(10));
  book_.connection_ended(kA, t(10), random_);
  book_.spoke(kA, Proof::claimed, t(20));
  EXPECT_FALSE(book_.handable(kA, t(20)));
  EXPECT_FALSE(book_.handable(kA, t(700)));
  book_.connection_ended(kA, t(700), random_);
  book_.spoke(kA, Proof::dialled, t(701));
  EXPECT_TRUE(book_.handable(kA, t(701)));
}

TEST_F(Book, hearsay_at_fault_is_dropped_and_not_remembered_for_ten_minutes) {
  book_.heard(kA, source(1), t(0));
  book_.fault(kA, t(0));
  EXPECT_EQ(book_.size(), 0U);
  book_.heard(kA, source(1), t(599));
  EXPECT_EQ(book_.size(), 0U);
  book_.heard(kA, source(1), t(600));
  EXPECT_EQ(book_.size(), 1U);
}

TEST_F(Book, skipped_endpoints_are_neither_picked_nor_waited_for) {
  book_.heard(kA, source(1), t(0));
  book_.heard(kB, source(1), t(5));
  const AddressBook::Skip skip = [](const Endpoint& endpoint) { return endpoint == kA; };
  EXPECT_EQ(book_.next_due(skip), t(5));
  EXPECT_EQ(book_.pick_to_dial(t(5), random_, 10, skip), Endpoints{kB});
}

TEST_F(Book, picks_are_at_most_as_many_as_wanted_and_all_different) {
  for (int i = 0; i < 8; ++i) book_.heard(peer(i), source(i), t(0));
  EXPECT_EQ(pick(0, 3).size(), 3U);
  const Endpoints all = pick(0, 100);
  EXPECT_EQ(all.size(), 8U);
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

TEST_F(Book, a_little_hearsay_is_picked_beside_many_known_peers_that_are_away) {
  for (int i = 0; i < 40; ++i) {
    book_.spoke(peer(i), Proof::dialled, t(0));
    book_.connection_ended(peer(i), t(0), random_);
  }
  book_.heard(kA, source(1), t(0));
  int picked = 0;
  for (int i = 0; i < 100; ++i) picked += pick(1000, 1) == Endpoints{kA} ? 1 : 0;
  EXPECT_GT(picked, 25);
  EXPECT_LT(picked, 75);
}

TEST_F(Book, one_informant_fills_an_eighth_at_most_and_displaces_itself) {
  book_.heard(kA, source(2), t(0));
  for (int i = 0; i < 200; ++i) book_.heard(peer(i), source(1), t(i));
  EXPECT_EQ(book_.size(), 9U);
  EXPECT_TRUE(book_.contains(kA));
  EXPECT_TRUE(book_.contains(peer(199)));
  EXPECT_FALSE(book_.contains(peer(191)));
}

TEST_F(Book, an_ipv6_network_is_one_informant) {
  for (int i = 0; i < 50; ++i) {
    Address informant = Address::parse("2001:db8:1:2::").value();
    informant.bytes[15] = static_cast<std::byte>(i);
    book_.heard(peer(i), informant, t(i));
  }
  EXPECT_EQ(book_.size(), 8U);
}

TEST_F(Book, many_informants_fill_the_book_and_the_oldest_hearsay_goes) {
  for (int i = 0; i < 100; ++i) book_.heard(peer(i), source(i), t(i));
  EXPECT_EQ(book_.size(), 64U);
  EXPECT_FALSE(book_.contains(peer(35)));
  EXPECT_TRUE(book_.contains(peer(36)));
}

TEST_F(Book, hearsay_never_displaces_what_was_spoken_with) {
  for (int i = 0; i < 40; ++i) {
    book_.spoke(peer(i), Proof::dialled, t(0));
    book_.connection_ended(peer(i), t(0), random_);
  }
  for (int i = 100; i < 300; ++i) book_.heard(peer(i), source(i % 200), t(i));
  EXPECT_EQ(book_.size(), 64U);
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(book_.contains(peer(i))) << i;
}

TEST_F(Book, what_was_spoken_with_leaves_a_quarter_to_hearsay) {
  for (int i = 0; i < 200; ++i) {
    book_.spoke(peer(i), Proof::claimed, t(i));
    book_.connection_ended(peer(i), t(i), random_);
  }
  EXPECT_EQ(book_.size(), 48U);
  EXPECT_TRUE(book_.contains(peer(199)));
  EXPECT_FALSE(book_.contains(peer(151))) << "alive longest ago";
}

TEST_F(Book, whoever_answered_the_last_dial_is_tried_out_before_another_takes_its_place) {
  for (int i = 0; i < 48; ++i) {
    book_.spoke(peer(i), Proof::dialled, t(i));
    book_.connection_ended(peer(i), t(i + 100), random_);
  }
  EXPECT_FALSE(book_.spoke(peer(99), Proof::claimed, t(500)));
  EXPECT_EQ(book_.pick_to_try_out(t(500), random_, nullptr), Endpoints{peer(0)})
      << "it would have gone first";
  book_.dial_started(peer(0), t(500));
  book_.dial_failed(peer(0), t(501), random_);
  EXPECT_TRUE(book_.spoke(peer(99), Proof::claimed, t(502)));
  EXPECT_FALSE(book_.contains(peer(0)));
}

TEST_F(Book, nobody_fills_it_with_what_is_said_from_one_network) {
  // Sixteen talkers of one network, each with all that it may say, and then two others.
  for (int n = 0; n < 200; ++n) book_.heard(peer(n), source(n % 16), t(n));
  EXPECT_EQ(book_.size(), 64U);
  const Address honest = Address::v4(192, 0, 2, 1);
  for (int n = 0; n < 8; ++n) {
    book_.heard({Address::v4(100, static_cast<uint8_t>(150 + n), 0, 1), 8100}, honest, t(300));
  }
  for (int n = 200; n < 900; ++n) book_.heard(peer(n), source(n % 16), t(n));
  for (int n = 0; n < 8; ++n) {
    EXPECT_TRUE(book_.contains({Address::v4(100, static_cast<uint8_t>(150 + n), 0, 1), 8100})) << n;
  }
}

TEST_F(Book, no_network_of_which_much_is_said_pushes_out_the_others) {
  for (int n = 0; n < 8; ++n) {
    book_.heard({Address::v4(100, static_cast<uint8_t>(150 + n), 0, 1), 8100}, source(1), t(n));
  }
  // From everywhere, as they are really there: but of one network.
  for (int n = 0; n < 900; ++n) {
    book_.heard(peer(n), Address::v4(192, static_cast<uint8_t>(n % 100), 2, 1), t(10 + n));
  }
  for (int n = 0; n < 8; ++n) {
    EXPECT_TRUE(book_.contains({Address::v4(100, static_cast<uint8_t>(150 + n), 0, 1), 8100})) << n;
  }
}

TEST_F(Book, networks_have_equal_chances_to_be_dialled_and_to_be_handed_on) {
  for (int n = 0; n < 30; ++n) book_.spoke(peer(n), Proof::claimed, t(0));
  const Endpoint alone = {Address::v4(100, 150, 0, 1), 8100};
  book_.spoke(alone, Proof::claimed, t(0));
  for (int i = 0; i < 20; ++i) {
    const auto sample = book_.alive_sample(t(1), random_, 2);
    EXPECT_EQ(sample.size(), 2U);
    EXPECT_EQ(std::count(sample.begin(), sample.end(), alone), 1);
  }
  for (int n = 0; n < 30; ++n) book_.connection_ended(peer(n), t(1), random_);
  book_.connection_ended(alone, t(1), random_);
  int picked = 0;
  for (int i = 0; i < 200; ++i) {
    picked += book_.pick_to_dial(t(10), random_, 1, nullptr) == Endpoints{alone} ? 1 : 0;
  }
  EXPECT_GT(picked, 50) << "half of them, where one in 31 would be its share";
  EXPECT_LT(picked, 150);
}

TEST_F(Book, hearsay_of_one_network_does_not_outweigh_those_spoken_with_in_many) {
  for (int n = 0; n < 8; ++n) {
    const Endpoint known = {Address::v4(100, static_cast<uint8_t>(150 + n), 0, 1), 8100};
    book_.spoke(known, Proof::dialled, t(0));
    book_.connection_ended(known, t(0), random_);
  }
  for (int n = 0; n < 30; ++n) {
    book_.heard(peer(n), Address::v4(192, static_cast<uint8_t>(n), 2, 1), t(0));
  }
  int of_the_crowd = 0;
  for (int i = 0; i < 300; ++i) {
    const Endpoints picked = book_.pick_to_dial(t(600), random_, 1, nullptr);
    ASSERT_EQ(picked.size(), 1U);
    of_the_crowd += picked[0].address.bytes[12] == std::byte{198} ? 1 : 0;
  }
  EXPECT_LT(of_the_crowd, 80) << "one network of nine; half of them, if hearsay had its own half";
  EXPECT_GT(of_the_crowd, 3);
}

TEST_F(Book, what_is_drawn_for_its_network_gives_networks_equal_shares) {
  const Endpoint alone = {Address::v4(100, 150, 0, 1), 8100};
  for (int n = 0; n < 30; ++n) book_.spoke(peer(n), Proof::claimed, t(0));
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(book_.draw_for_network(peer(i), random_)) << "where there is but one network";
  }
  book_.spoke(alone, Proof::claimed, t(0));
  for (int n = 1; n < 10; ++n) {
    book_.spoke({Address::v4(100, static_cast<uint8_t>(150 + n), 0, 1), 8100}, Proof::claimed,
                t(0));
  }
  int in_favour = 0;
  for (int i = 0; i < 300; ++i) {
    EXPECT_TRUE(book_.draw_for_network(alone, random_));
    in_favour += book_.draw_for_network(peer(i % 30), random_) ? 1 : 0;
  }
  EXPECT_GT(in_favour, 15) << "4 in 30: the average network has 40 by 11";
  EXPECT_LT(in_favour, 80);
}

TEST_F(Book, two_endpoints_of_a_public_address_are_enough_to_try_at_a_time) {
  for (uint16_t port = 1; port <= 9; ++port) {
    book_.heard({source(9), static_cast<uint16_t>(9000 + port)}, source(1), t(0));
    book_.heard({Address::v4(10, 0, 0, 9), static_cast<uint16_t>(9000 + port)}, source(2), t(0));
  }
  EXPECT_EQ(book_.size(), 2U + 8U) << "a private one has the share of its informant";
}

TEST_F(Book, connected_peers_are_never_displaced) {
  for (int i = 0; i < 100; ++i) book_.spoke(peer(i), Proof::dialled, t(i));
  EXPECT_EQ(book_.size(), 48U);
  for (int i = 0; i < 48; ++i) EXPECT_TRUE(book_.contains(peer(i))) << i;
}

TEST_F(Book, one_address_holds_an_eighth_of_the_places_for_spoken_with) {
  for (uint16_t port = 1; port <= 100; ++port) {
    const Endpoint endpoint{source(9), port};
    book_.spoke(endpoint, Proof::claimed, t(port));
    book_.connection_ended(endpoint, t(port), random_);
  }
  EXPECT_EQ(book_.size(), 8U);
}

TEST_F(Book, nodes_of_one_machine_share_no_such_bound) {
  for (uint16_t port = 1; port <= 40; ++port) {
    book_.spoke({Address::loopback(), port}, Proof::claimed, t(port));
  }
  EXPECT_EQ(book_.size(), 40U);
}

TEST_F(Book, news_comes_once_in_the_order_of_coming_alive) {
  book_.spoke(kB, Proof::claimed, t(0));
  book_.spoke(kA, Proof::dialled, t(1));
  const AddressBook::News first = book_.news_since(0, t(1), 50);
  EXPECT_EQ(first.endpoints, (Endpoints{kB, kA}));
  EXPECT_EQ(first.up_to, book_.latest_news());
  book_.spoke(kC, Proof::dialled, t(2));
  book_.spoke(kA, Proof::claimed, t(2));
  const AddressBook::News second = book_.news_since(first.up_to, t(2), 50);
  EXPECT_EQ(second.endpoints, Endpoints{kC}) << "a second connection is no news";
  EXPECT_TRUE(book_.news_since(second.up_to, t(2), 50).endpoints.empty());
}

TEST_F(Book, news_beyond_the_bound_comes_the_next_time) {
  for (int i = 0; i < 20; ++i) book_.spoke(peer(i), Proof::dialled, t(0));
  const AddressBook::News first = book_.news_since(0, t(0), 15);
  EXPECT_EQ(first.endpoints.size(), 15U);
  const AddressBook::News second = book_.news_since(first.up_to, t(0), 15);
  EXPECT_EQ(second.endpoints.size(), 5U);
  EXPECT_EQ(second.endpoints.front(), peer(15));
}

TEST_F(Book, what_died_before_it_was_told_is_no_news) {
  book_.spoke(kA, Proof::claimed, t(0));
  book_.spoke(kB, Proof::claimed, t(0));
  book_.connection_ended(kA, t(1), random_);
  EXPECT_EQ(book_.news_since(0, t(1), 50).endpoints, Endpoints{kB});
}

TEST_F(Book, whoever_was_spoken_with_in_passing_is_no_news_until_it_stays) {
  book_.spoke(kA, Proof::dialled, t(0), Stay::in_passing);
  EXPECT_EQ(book_.latest_news(), 0U);
  EXPECT_TRUE(book_.news_since(0, t(0), 50).endpoints.empty());
  EXPECT_EQ(book_.known_alive(t(0)), Endpoints{kA});
  EXPECT_EQ(book_.alive_sample(t(0), random_, 50), Endpoints{kA});
  book_.spoke(kB, Proof::dialled, t(1));
  const auto news = book_.news_since(0, t(1), 50);
  EXPECT_EQ(news.endpoints, Endpoints{kB});
  book_.stays(kA, t(2));
  EXPECT_EQ(book_.news_since(news.up_to, t(2), 50).endpoints, Endpoints{kA});
  EXPECT_EQ(book_.news_since(0, t(2), 50).endpoints, (Endpoints{kB, kA}));
}

TEST_F(Book, whoever_was_news_and_comes_back_in_passing_is_not_told_again) {
  book_.spoke(kA, Proof::dialled, t(0));
  const uint64_t seen = book_.latest_news();
  book_.connection_ended(kA, t(100), random_);
  book_.spoke(kA, Proof::dialled, t(200), Stay::in_passing);
  book_.connection_ended(kA, t(201), random_);
  book_.spoke(kA, Proof::dialled, t(300));
  EXPECT_TRUE(book_.news_since(seen, t(300), 50).endpoints.empty());
}

TEST_F(Book, whoever_comes_back_after_an_hour_or_could_not_be_reached_is_news_again) {
  book_.spoke(kA, Proof::dialled, t(0));
  const uint64_t seen = book_.news_since(0, t(0), 50).up_to;
  book_.connection_ended(kA, t(1), random_);
  book_.spoke(kA, Proof::dialled, t(100));
  EXPECT_TRUE(book_.news_since(seen, t(100), 50).endpoints.empty()) << "was handed on all the time";
  book_.connection_ended(kA, t(101), random_);
  book_.spoke(kA, Proof::dialled, t(3700));
  EXPECT_TRUE(book_.news_since(seen, t(3700), 50).endpoints.empty())
      << "all have it in their books";
  book_.connection_ended(kA, t(3701), random_);
  book_.spoke(kA, Proof::dialled, t(3701 + 3600));
  const auto news = book_.news_since(seen, t(7301), 50);
  EXPECT_EQ(news.endpoints, Endpoints{kA});
  book_.connection_ended(kA, t(7302), random_);
  book_.dial_started(kA, t(7310));
  book_.dial_failed(kA, t(7311), random_);
  book_.spoke(kA, Proof::dialled, t(7320));
  EXPECT_EQ(book_.news_since(news.up_to, t(7320), 50).endpoints, Endpoints{kA});
}

TEST_F(Book, whoever_came_back_is_told_of_once) {
  book_.spoke(kA, Proof::claimed, t(0));
  book_.connection_ended(kA, t(1), random_);
  book_.spoke(kA, Proof::claimed, t(2));
  EXPECT_EQ(book_.news_since(0, t(2), 50).endpoints, Endpoints{kA});
}

TEST_F(Book, a_sample_is_of_the_living_and_bounded) {
  for (int i = 0; i < 20; ++i) book_.spoke(peer(i), Proof::claimed, t(0));
  book_.connection_ended(peer(3), t(0), random_);
  book_.heard(kA, source(1), t(0));
  EXPECT_EQ(book_.alive_sample(t(0), random_, 5).size(), 5U);
  const Endpoints all = book_.alive_sample(t(0), random_, 50);
  EXPECT_EQ(all.size(), 19U);
  EXPECT_EQ(std::count(all.begin(), all.end(), peer(3)), 0);
}

// docs/protocol.md, Bootstrap: A learns that nobody is there, B learns of A, C of A and B.
TEST_F(Book, a_bootstrap_node_tells_each_newcomer_of_those_before) {
  EXPECT_TRUE(book_.alive_sample(t(0), random_, 50).empty());
  book_.spoke(kA, Proof::claimed, t(0));
  EXPECT_EQ(book_.alive_sample(t(1), random_, 50), Endpoints{kA});
  book_.spoke(kB, Proof::claimed, t(1));
  EXPECT_EQ(book_.known_alive(t(2)), (Endpoints{kA, kB}));
}

}  // namespace
}  // namespace p2p::address_book_test
