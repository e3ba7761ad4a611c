// What an address book leaves for the next run, and what it makes of what the last run left.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "engine/overlay/address_book.h"

namespace p2p::remembering_test {
namespace {

using Endpoints = std::vector<Endpoint>;

constexpr Duration kDay = Duration::minutes(24 * 60);

Endpoint peer(int n) {
  return {Address::v4(198, 51, static_cast<uint8_t>(n / 256), static_cast<uint8_t>(n % 256)), 8100};
}
Time t(int64_t seconds) { return Time::from_ns(0) + Duration::seconds(seconds); }

class Remembering : public testing::Test {
 protected:
  static AddressBook make() { return {64, Duration::minutes(3), 7}; }
  Endpoints pick(int64_t seconds, size_t count) {
    return book_.pick_to_dial(t(seconds), random_, count, nullptr);
  }
  static Endpoints endpoints(const SavedBook& saved) {
    Endpoints all;
    for (const SavedPeer& one : saved.peers) all.push_back(one.endpoint);
    return all;
  }

  Random random_{Seed{1}};
  AddressBook book_ = make();
};

TEST_F(Remembering, saves_whom_it_spoke_with_the_most_recently_alive_first) {
  book_.heard(peer(9), Address::v4(203, 0, 113, 1), t(0));  // hearsay is not kept
  book_.spoke(peer(1), Proof::dialled, t(10));
  book_.connection_ended(peer(1), t(20), random_);
  book_.spoke(peer(2), Proof::dialled, t(10));
  book_.connection_ended(peer(2), t(40), random_);
  book_.spoke(peer(4), Proof::claimed, t(10));  // neighbours, those who let us in first
  book_.spoke(peer(3), Proof::dialled, t(10));
  EXPECT_EQ(book_.saved(t(100)), (SavedBook{{{peer(3), Duration()},
                                             {peer(4), Duration()},
                                             {peer(2), Duration::seconds(60)},
                                             {peer(1), Duration::seconds(80)}}}));
}

TEST_F(Remembering, does_not_save_its_own_endpoints_nor_those_who_break_the_protocol) {
  book_.spoke(peer(1), Proof::claimed, t(0));
  book_.mark_own(peer(1), t(1));
  book_.spoke(peer(2), Proof::dialled, t(0));
  book_.fault(peer(2), t(1));
  book_.spoke(peer(3), Proof::dialled, t(0));
  EXPECT_EQ(endpoints(book_.saved(t(2))), Endpoints{peer(3)});
}

TEST_F(Remembering, what_is_restored_is_due_at_once_and_handed_on_when_spoken_with) {
  book_.restore({{{peer(1), Duration()}}}, Duration::seconds(5), t(1000));
  EXPECT_TRUE(book_.is_tried(peer(1)));
  EXPECT_EQ(book_.next_due(nullptr), t(1000));
  EXPECT_FALSE(book_.handable(peer(1), t(1000)));
  EXPECT_TRUE(book_.known_alive(t(1000)).empty());
  EXPECT_TRUE(book_.news_since(0, t(1000), 50).endpoints.empty());
  book_.spoke(peer(1), Proof::dialled, t(1001));
  EXPECT_EQ(book_.known_alive(t(1001)), Endpoints{peer(1)});
  EXPECT_EQ(book_.news_since(0, t(1001), 50).endpoints, Endpoints{peer(1)});
}

TEST_F(Remembering, peers_are_remembered_for_a_week_since_they_were_alive) {
  const SavedBook saved{{{peer(1), Duration()}, {peer(2), kDay}, {peer(3), kDay * 2}}};
  book_.restore(saved, kDay * 6, t(1000));
  EXPECT_TRUE(book_.contains(peer(1)));
  EXPECT_TRUE(book_.contains(peer(2)));
  EXPECT_FALSE(book_.contains(peer(3)));
  // And over a second restart, though nobody was spoken with in between.
  const SavedBook again = book_.saved(t(1000) + kDay / 2);
  EXPECT_EQ(again, (SavedBook{{{peer(1), kDay * 6 + kDay / 2}}}));
}

TEST_F(Remembering, the_last_good_neighbours_are_dialled_before_all_others) {
  book_.restore({{{peer(5), Duration()}, {peer(3), Duration()}, {peer(4), kDay}}}, Duration(),
                t(0));
  for (int n = 20; n < 40; ++n) book_.heard(peer(n), Address::v4(203, 0, 113, 1), t(0));
  EXPECT_EQ(pick(0, 1), Endpoints{peer(5)});
  EXPECT_EQ(pick(0, 3), (Endpoints{peer(5), peer(3), peer(4)}));
  // Each comes once, with whatever else there is.
  Endpoints all = pick(0, 100);
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
  EXPECT_EQ(all.size(), book_.size());
}

TEST_F(Remembering, a_former_neighbour_that_was_dialled_is_one_of_many) {
  book_.restore({{{peer(1), Duration()}, {peer(2), Duration()}}}, Duration(), t(0));
  book_.dial_started(peer(1), t(0));
  EXPECT_EQ(pick(0, 1), Endpoints{peer(2)});
  book_.dial_failed(peer(1), t(1), random_);
  book_.dial_started(peer(2), t(1));
  book_.spoke(peer(2), Proof::dialled, t(1));
  EXPECT_TRUE(pick(1, 10).empty());
  EXPECT_EQ(pick(100, 10), Endpoints{peer(1)});  // after its backoff
}

TEST_F(Remembering, those_who_are_skipped_or_connected_are_not_dialled_first) {
  book_.restore({{{peer(1), Duration()}, {peer(2), Duration()}, {peer(3), Duration()}}}, Duration(),
                t(0));
  book_.spoke(peer(1), Proof::claimed, t(0));
  const auto skip = [](const Endpoint& endpoint) { return endpoint == peer(2); };
  EXPECT_EQ(book_.pick_to_dial(t(0), random_, 3, skip), Endpoints{peer(3)});
}

TEST_F(Remembering, only_so_many_dead_neighbours_hold_the_others_up) {
  AddressBook book(1024, Duration::minutes(3), 7);
  SavedBook saved;
  for (int n = 0; n < 300; ++n) saved.peers.push_back({peer(n), Duration()});
  book.restore(saved, Duration(), t(0));
  Endpoints first = endpoints(saved);
  first.resize(AddressBook::kDialledFirstMax);
  EXPECT_EQ(book.pick_to_dial(t(0), random_, first.size(), nullptr), first);
  for (const Endpoint& endpoint : first) book.dial_started(endpoint, t(0));
  EXPECT_EQ(book.pick_to_dial(t(0), random_, 300, nullptr).size(), 300 - first.size());
}

TEST_F(Remembering, no_hearsay_displaces_what_was_restored) {
  SavedBook saved;
  for (int n = 0; n < 40; ++n) saved.peers.push_back({peer(n), Duration::seconds(n)});
  book_.restore(saved, Duration(), t(0));
  for (int n = 100; n < 1000; ++n) {
    book_.heard(peer(n), Address::v4(203, 0, 113, static_cast<uint8_t>(n)), t(1));
  }
  for (int n = 0; n < 40; ++n) EXPECT_TRUE(book_.contains(peer(n))) << n;
}

TEST_F(Remembering, where_there_is_no_room_for_all_those_alive_last_are_restored) {
  SavedBook saved;
  for (int n = 0; n < 200; ++n) saved.peers.push_back({peer(n), Duration::seconds(n)});
  book_.restore(saved, Duration(), t(1000));
  EXPECT_EQ(book_.size(), 48U);  // three quarters of 64
  for (int n = 0; n < 48; ++n) EXPECT_TRUE(book_.contains(peer(n))) << n;
}

TEST_F(Remembering, endpoints_that_nobody_can_listen_at_and_repeated_ones_are_passed_over) {
  const Endpoint multicast{*Address::parse("ff02::1"), 8100};
  const Endpoint link_local{*Address::parse("fe80::1"), 8100};
  book_.restore({{{{Address::any(), 8100}, Duration()},
                  {multicast, Duration()},
                  {link_local, Duration()},
                  {{peer(1).address, 0}, Duration()},
                  {peer(2), Duration()},
                  {peer(2), Duration::seconds(9)}}},
                Duration(), t(100));
  EXPECT_EQ(endpoints(book_.saved(t(100))), Endpoints{peer(2)});
}

TEST_F(Remembering, its_own_endpoints_are_not_restored) {
  book_.mark_own(peer(1), t(0));
  book_.restore({{{peer(1), Duration()}}}, Duration(), t(0));
  EXPECT_FALSE(book_.contains(peer(1)));
}

TEST_F(Remembering, connections_that_come_and_go_are_changes_and_time_is_none) {
  const uint64_t before = book_.changes();
  book_.heard(peer(1), Address::v4(203, 0, 113, 1), t(0));
  EXPECT_EQ(book_.changes(), before);
  book_.spoke(peer(1), Proof::dialled, t(0));
  const uint64_t connected = book_.changes();
  EXPECT_NE(connected, before);
  static_cast<void>(book_.saved(t(1000)));
  EXPECT_EQ(book_.changes(), connected);
  book_.connection_ended(peer(1), t(1000), random_);
  EXPECT_NE(book_.changes(), connected);
}

}  // namespace
}  // namespace p2p::remembering_test
