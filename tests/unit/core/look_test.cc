// What people see who look into a node: its peers, its counts, and the story of an endpoint.
#include <gtest/gtest.h>

#include "tests/support/mem_scenes.h"

namespace p2p::test {
namespace {

uint64_t failed(const Status& status, NetError why) {
  return status.counts.dials_failed[static_cast<size_t>(why)];
}
uint64_t closed(const Status& status, CloseReason why) {
  return status.counts.closed[static_cast<size_t>(why)];
}
uint64_t ended(const Status& status) {
  uint64_t sum = 0;
  for (const uint64_t count : status.counts.ended) sum += count;
  return sum;
}

TEST(Look, a_peer_is_shown_with_where_it_listens_from_both_ends) {
  MemNetwork network(1);
  MemNode& a = network.add(config_with(), host(1));
  MemNode& b = network.add(config_with({at_host(1)}), host(2));
  network.run_for(Duration::seconds(3));
  const Status at_a = a.engine().status();
  ASSERT_EQ(at_a.peers.size(), 1u);
  EXPECT_TRUE(at_a.peers[0].accepted);
  EXPECT_EQ(at_a.peers[0].listens, b.endpoint());
  EXPECT_NE(at_a.peers[0].remote, b.endpoint());
  EXPECT_FALSE(at_a.peers[0].surplus);
  EXPECT_EQ(at_a.counts.accepted, 1u);
  EXPECT_EQ(at_a.book.tried, 1u);
  EXPECT_EQ(at_a.book.hearsay, 0u);

  const Status at_b = b.engine().status();
  ASSERT_EQ(at_b.peers.size(), 1u);
  EXPECT_FALSE(at_b.peers[0].accepted);
  EXPECT_EQ(at_b.peers[0].listens, a.endpoint());
  EXPECT_EQ(at_b.counts.dials_started, 1u);
  EXPECT_EQ(at_b.counts.dials_succeeded, 1u);
  EXPECT_LE(at_b.peers[0].silent, at_b.peers[0].age);
  EXPECT_GT(at_b.as_of, Time());
}

TEST(Look, failed_dials_are_counted_by_their_cause) {
  MemNetwork network(2);
  MemNode& b = network.add(config_with({at_host(1)}), host(2));
  network.run_for(Duration::seconds(20));
  const Status status = b.engine().status();
  EXPECT_GE(status.counts.dials_started, 2u);
  EXPECT_EQ(failed(status, NetError::refused), status.counts.dials_started);
  EXPECT_EQ(status.counts.dials_succeeded, 0u);
}

TEST(Look, closed_connections_are_counted_by_who_closed_them_and_why) {
  MemNetwork network(3);
  MemNode& a = network.add(config_with(), host(1));
  StreamEnd& stranger = network.raw_connect(a.endpoint(), host(9));
  network.raw_send(stranger, encoded(hello_message(7, *PieceSize::from_log2(12))));
  network.run_for(Duration::seconds(5));
  EXPECT_EQ(closed(a.engine().status(), CloseReason::piece_size_differs), 1u);
  EXPECT_EQ(ended(a.engine().status()), 0u);

  StreamEnd& guest = network.raw_connect(a.endpoint(), host(8));
  network.raw_send(guest, encoded(hello_message(8)));
  network.run_for(Duration::seconds(1));
  network.raw_close(guest);
  network.run_for(Duration::seconds(1));
  EXPECT_EQ(ended(a.engine().status()), 1u);
  EXPECT_EQ(a.engine().status().counts.accepted, 2u);
}

TEST(Why, nothing_is_known_of_an_endpoint_that_nobody_named) {
  MemNetwork network(4);
  MemNode& a = network.add(config_with(), host(1));
  EXPECT_FALSE(a.engine().why({host(77), kPort}));
}

TEST(Why, a_bootstrap_host_that_refuses_is_named_with_the_cause) {
  MemNetwork network(5);
  MemNode& b = network.add(config_with({at_host(1)}), host(2));
  network.run_for(Duration::seconds(2));
  const auto story = b.engine().why({host(1), kPort});
  ASSERT_TRUE(story && story->bootstrap);
  EXPECT_EQ(story->book.set, BookStory::Set::none);
  EXPECT_EQ(story->bootstrap->host, at_host(1));
  EXPECT_EQ(story->bootstrap->state, BootstrapStory::State::waiting);
  EXPECT_EQ(story->bootstrap->why, "connection refused");
  EXPECT_GE(story->bootstrap->failures, 1u);
  EXPECT_GT(story->bootstrap->next_try, story->as_of);
  EXPECT_TRUE(story->connections.empty());
}

TEST(Why, a_connected_one_is_known_by_where_it_listens_and_by_where_it_came_from) {
  MemNetwork network(6);
  MemNode& a = network.add(config_with(), host(1));
  MemNode& b = network.add(config_with({at_host(1)}), host(2));
  network.run_for(Duration::seconds(3));
  const auto story = a.engine().why(b.endpoint());
  ASSERT_TRUE(story);
  EXPECT_EQ(story->book.set, BookStory::Set::tried);
  EXPECT_EQ(story->book.contact, Contact::connected());
  EXPECT_FALSE(story->book.informant) << "it came by itself";
  ASSERT_EQ(story->connections.size(), 1u);
  const auto by_remote = a.engine().why(story->connections[0].remote);
  ASSERT_TRUE(by_remote);
  EXPECT_EQ(by_remote->connections.size(), 1u);
}

TEST(Why, hearsay_names_who_said_it_and_what_the_dial_met_with) {
  MemNetwork network(7);
  MemNode& a = network.add(config_with(), host(1));
  StreamEnd& gossip = network.raw_connect(a.endpoint(), host(9));
  PeerMessage hello = hello_message(7);
  hello.records.push_back({host(50), kPort});
  network.raw_send(gossip, encoded(hello));
  network.run_for(Duration::milliseconds(1500));
  const auto story = a.engine().why({host(50), kPort});
  ASSERT_TRUE(story);
  EXPECT_EQ(story->book.set, BookStory::Set::hearsay);
  EXPECT_EQ(story->book.informant, host(9));
  EXPECT_EQ(story->book.contact, Contact::failed(NetError::refused));
  EXPECT_GE(story->book.failures, 1u);

  // The third failure: it is dropped, and the cause is kept as long as it is shunned.
  network.run_for(Duration::minutes(1));
  const auto later = a.engine().why({host(50), kPort});
  ASSERT_TRUE(later);
  EXPECT_EQ(later->book.set, BookStory::Set::none);
  EXPECT_TRUE(later->book.shunned_until);
  EXPECT_FALSE(later->book.at_fault);
  EXPECT_EQ(later->book.contact, Contact::failed(NetError::refused));
}

TEST(Why, the_node_itself_is_said_to_be_itself) {
  MemNetwork network(8);
  MemNode& a = network.add(config_with({at_host(1)}), host(1));
  network.run_for(Duration::seconds(5));
  const auto story = a.engine().why(a.endpoint());
  ASSERT_TRUE(story);
  EXPECT_TRUE(story->book.own);
}

TEST(Why, a_second_connection_that_is_closed_leaves_the_story_of_the_first) {
  MemNetwork network(10);
  MemNode& a = network.add(config_with({at_host(2)}), host(1));
  MemNode& b = network.add(config_with({at_host(1)}), host(2));
  network.run_for(Duration::seconds(30));
  for (const auto& [node, other] : {std::pair(&a, &b), std::pair(&b, &a)}) {
    const auto story = node->engine().why(other->endpoint());
    ASSERT_TRUE(story);
    EXPECT_EQ(story->connections.size(), 1u);
    EXPECT_EQ(story->book.contact, Contact::connected());
  }
}

TEST(Why, asking_changes_nothing) {
  const auto run = [](bool asking) {
    MemNetwork network(9);
    network.add(config_with(), host(1));
    MemNode& b = network.add(config_with({at_host(1), at_host(3)}), host(2));
    for (int i = 0; i < 40; ++i) {
      network.run_for(Duration::seconds(1));
      if (asking) {
        static_cast<void>(b.engine().why({host(3), kPort}));
        static_cast<void>(b.engine().status());
      }
    }
    return b.engine().status();
  };
  const Status quiet = run(false);
  const Status asked = run(true);
  EXPECT_EQ(quiet.counts.dials_started, asked.counts.dials_started);
  EXPECT_EQ(quiet.as_of, asked.as_of);
}

}  // namespace
}  // namespace p2p::test
