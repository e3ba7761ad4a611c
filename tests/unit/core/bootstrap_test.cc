// Bootstrapping and peer exchange between engines.
#include <gtest/gtest.h>

#include "tests/support/mem_scenes.h"

namespace p2p::test {
namespace {

TEST(Bootstrap, a_learns_b_then_b_and_a_learn_c_and_c_learns_both) {
  MemNetwork network(1);
  MemNode& a = network.add(config_with(), host(1));
  network.run_for(Duration::seconds(5));
  EXPECT_TRUE(a.engine().status().known_alive.empty());

  MemNode& b = network.add(config_with({at_host(1)}), host(2));
  network.run_for(Duration::seconds(1));
  EXPECT_TRUE(knows(a, b.endpoint()));
  EXPECT_TRUE(knows(b, a.endpoint()));

  MemNode& c = network.add(config_with({at_host(1)}), host(3));
  network.run_for(Duration::seconds(1));
  EXPECT_TRUE(knows(c, a.endpoint()));
  EXPECT_TRUE(knows(c, b.endpoint())) << "the hello names the peers that are alive";
  EXPECT_TRUE(knows(a, c.endpoint()));
  EXPECT_TRUE(knows(b, c.endpoint())) << "c has dialled b";
}

TEST(Bootstrap, every_node_is_a_bootstrap_node) {
  MemNetwork network(2);
  std::vector<MemNode*> chain;
  for (uint8_t i = 1; i <= 6; ++i) {
    const auto before = static_cast<uint8_t>(i - 1);
    chain.push_back(&network.add(i == 1 ? config_with() : config_with({at_host(before)}), host(i)));
  }
  network.run_for(Duration::minutes(1));
  for (const MemNode* node : chain) {
    EXPECT_EQ(node->engine().status().known_alive.size(), 5u);
  }
}

TEST(Bootstrap, an_unreachable_host_is_said_once_and_tried_until_it_is_there) {
  MemNetwork network(3);
  MemNode& b = network.add(config_with({at_host(1)}), host(2));
  network.run_for(Duration::minutes(5));
  ASSERT_EQ(b.said<BootstrapUnreachable>().size(), 1u);
  EXPECT_EQ(b.said<BootstrapUnreachable>()[0].why, "connection refused");

  MemNode& a = network.add(config_with(), host(1));
  network.run_for(Duration::minutes(2));
  EXPECT_EQ(b.said<BootstrapReached>().size(), 1u);
  EXPECT_TRUE(knows(a, b.endpoint()));
}

TEST(Bootstrap, a_node_that_is_its_own_bootstrap_host_notices) {
  MemNetwork network(4);
  MemNode& a = network.add(config_with({at_host(1)}), host(1));
  network.run_for(Duration::minutes(3));
  EXPECT_EQ(a.said<OwnEndpoint>().size(), 1u);
  EXPECT_TRUE(a.engine().status().peers.empty());
  EXPECT_TRUE(a.engine().status().known_alive.empty());
}

TEST(Bootstrap, two_nodes_that_dial_each_other_keep_one_connection) {
  MemNetwork network(5);
  MemNode& a = network.add(config_with({at_host(2)}), host(1));
  MemNode& b = network.add(config_with({at_host(1)}), host(2));
  network.run_for(Duration::minutes(2));
  EXPECT_EQ(a.engine().status().peers.size(), 1u);
  EXPECT_EQ(b.engine().status().peers.size(), 1u);
}

TEST(Bootstrap, another_piece_size_is_refused_with_both_sizes_named) {
  MemNetwork network(6);
  Config large = config_with({at_host(1)});
  large.piece_size = *PieceSize::from_log2(17);
  MemNode& a = network.add(config_with(), host(1));
  MemNode& b = network.add(large, host(2));
  network.run_for(Duration::seconds(10));
  ASSERT_FALSE(b.said<PeerClosed>().empty());
  EXPECT_EQ(b.said<PeerClosed>()[0].reason, CloseReason::piece_size_differs);
  EXPECT_EQ(b.said<PeerClosed>()[0].detail, "1KiB there, 128KiB here");
  EXPECT_TRUE(a.engine().status().known_alive.empty());
}

TEST(Bootstrap, a_node_that_listens_on_loopback_alone_claims_nothing_to_another_host) {
  MemNetwork network(10);
  Config config = config_with();
  config.listen_address = Address::loopback();
  MemNode& a = network.add(config, host(1));
  StreamEnd& raw = network.raw_connect(a.endpoint(), host(9));
  network.run_for(Duration::seconds(1));
  const auto hello = std::get<PeerMessage>(messages_in(raw.raw_received).at(0));
  EXPECT_EQ(hello.hello()->capabilities, HelloTrailer::kExtension);
  EXPECT_TRUE(hello.records.empty());
}

TEST(PeerExchange, a_node_that_vanishes_in_order_is_handed_on_for_three_minutes_at_most) {
  MemNetwork network(7);
  network.add(config_with(), host(1));
  MemNode& b = network.add(config_with({at_host(1)}), host(2));
  network.run_for(Duration::seconds(30));
  network.tell(b, ShutDown{});
  network.run_for(Duration::minutes(4));
  EXPECT_EQ(b.said<Stopped>().size(), 1u);
  EXPECT_FALSE(knows(network.node(0), b.endpoint()));
}

TEST(PeerExchange, silence_for_75_seconds_ends_a_connection_that_said_hello) {
  MemNetwork network(8);
  MemNode& a = network.add(config_with(), host(1));
  StreamEnd& raw = network.raw_connect(a.endpoint(), host(9));
  network.raw_send(raw, encoded(hello_message(77)));
  network.run_for(Duration::seconds(74));
  EXPECT_EQ(a.engine().status().peers.size(), 1u);
  network.run_for(Duration::seconds(3));
  ASSERT_EQ(a.said<PeerClosed>().size(), 1u);
  EXPECT_EQ(a.said<PeerClosed>()[0].reason, CloseReason::silent);
}

TEST(PeerExchange, an_idle_neighbour_hears_something_every_30_seconds) {
  MemNetwork network(9);
  MemNode& a = network.add(config_with(), host(1));
  StreamEnd& raw = network.raw_connect(a.endpoint(), host(9));
  network.raw_send(raw, encoded(hello_message(77)));
  network.run_for(Duration::seconds(1));
  for (int i = 0; i < 5; ++i) {
    raw.raw_received.clear();
    network.run_for(Duration::seconds(30));
    EXPECT_GE(raw.raw_received.size(), 5u);
    network.raw_send(raw, encoded(PeerMessage{}));
  }
}

}  // namespace
}  // namespace p2p::test
