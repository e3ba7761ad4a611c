// Starting, stopping, and what happens to late answers.
#include <gtest/gtest.h>

#include "tests/support/mem_scenes.h"

namespace p2p::test {
namespace {

TEST(Lifecycle, an_idle_node_without_peers_has_nothing_to_do_ever) {
  MemNetwork network(1);
  const MemNode& node = network.add(config_with(), host(1));
  EXPECT_TRUE(node.engine().next_deadline().is_never());
}

TEST(Lifecycle, shutting_down_closes_in_order_and_then_says_so) {
  MemNetwork network(2);
  MemNode& a = network.add(config_with(), host(1));
  MemNode& b = network.add(config_with({at_host(1)}), host(2));
  network.run_for(Duration::seconds(1));
  network.tell(b, ShutDown{});
  EXPECT_TRUE(
      network.run_until([&] { return b.said<Stopped>().size() == 1; }, Duration::seconds(3)));
  network.run_for(Duration::seconds(1));
  EXPECT_TRUE(a.engine().status().peers.empty());
  EXPECT_TRUE(b.said<PeerClosed>().empty());
}

TEST(Lifecycle, a_peer_that_does_not_close_its_side_is_waited_for_two_seconds) {
  MemNetwork network(3);
  MemNode& a = network.add(config_with(), host(1));
  StreamEnd& raw = network.raw_connect(a.endpoint(), host(9));
  network.run_for(Duration::seconds(1));
  network.tell(a, ShutDown{});
  network.run_for(Duration::milliseconds(1900));
  EXPECT_TRUE(a.said<Stopped>().empty());
  network.run_for(Duration::milliseconds(200));
  EXPECT_EQ(a.said<Stopped>().size(), 1u);
  EXPECT_TRUE(raw.eof_arrived);
}

TEST(Lifecycle, events_of_connections_and_operations_that_are_gone_are_ignored) {
  MemNetwork network(4);
  MemNode& a = network.add(config_with(), host(1));
  network.tell(a, Received{ConnId::accepted(77), 5});
  network.tell(a, Sent{ConnId::accepted(77), 5});
  network.tell(a, Closed{ConnId::accepted(77), NetError::reset});
  network.tell(a, Connected{ConnId::dialled(77), {}});
  network.tell(a, PieceHashed{OpId{77}, {}});
  network.tell(a, PieceStored{OpId{77}, StoreStatus::ok});
  network.tell(a, PieceLoaded{OpId{77}, StoreStatus::io_error, {}});
  network.tell(a, BookSaved{OpId{77}, StoreStatus::io_error});
  network.tell(a, Resolved{OpId{77}, {}, ""});
  EXPECT_TRUE(a.notices.empty());
}

TEST(Lifecycle, the_same_seed_gives_the_same_run) {
  const auto run = [] {
    const ContentTree tree = make_content_tree(kSmallPieces, counting_bytes(50'000));
    MemNetwork network(5);
    network.add(config_with(), host(1), tree.pieces);
    for (uint8_t i = 2; i < 6; ++i) network.add(config_with({at_host(1)}), host(i));
    MemNode& getter = network.add(config_with({at_host(1)}), host(7));
    network.tell(getter, FetchContent{FetchId{1}, tree.id(), true});
    network.run_for(Duration::minutes(1));
    std::vector<uint64_t> trace;
    for (size_t i = 0; i < network.size(); ++i) {
      for (const PeerStatus& peer : network.node(i).engine().status().peers) {
        trace.insert(trace.end(), {peer.conn.value(), peer.bytes_in, peer.bytes_out});
      }
    }
    return trace;
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace p2p::test
