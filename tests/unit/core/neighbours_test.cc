// Whom a node dials beside those it has: replacements for the silent, and somebody to try out.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "tests/support/mem_scenes.h"

namespace p2p::test::neighbours_test {
namespace {

Endpoint endpoint(uint8_t n) { return {host(n), kPort}; }

// The hello of a node that listens at `at` and knows `others`.
PeerMessage hello_of(const Endpoint& at, uint64_t nonce, const std::vector<Endpoint>& others) {
  PeerMessage message = hello_message(nonce);
  HelloTrailer trailer;
  trailer.piece_size_log2 = kSmallPieces.log2();
  trailer.nonce = nonce;
  trailer.capabilities |= HelloTrailer::kListening;
  const auto bytes = trailer.encode();
  message.trailing.assign(bytes.begin(), bytes.end());
  message.records.push_back(at);
  message.records.insert(message.records.end(), others.begin(), others.end());
  return message;
}

// A node that is content with one neighbour, and the endpoints around it that the test speaks for.
class Neighbourhood : public testing::Test {
 protected:
  // Says hello to whoever connects.
  void listen(uint8_t n, const std::vector<Endpoint>& others = {}) {
    network_.raw_listen(endpoint(n), [this, n, others](StreamEnd& end) {
      ++dials_[n];
      accepted_[n].push_back(&end);
      network_.raw_send(end, encoded(hello_of(endpoint(n), n, others)));
    });
  }
  // At 3 to 19, and at 2, which knows all of them.
  void listen_at_many() {
    std::vector<Endpoint> others;
    for (uint8_t n = 3; n < 20; ++n) {
      others.push_back(endpoint(n));
      listen(n);
    }
    listen(2, others);
  }
  MemNode& start_node() {
    Config config = config_with({at_host(2)});
    config.limits.dialled_neighbours = 1;
    config.listen_port = 0;  // so that it has no place to look up, and dials neighbours only
    return network_.add(config, host(1));
  }
  // Lets time go by in which all peers are as lively as they must be.
  void run_with_life(Duration duration) {
    const Time end = network_.now() + duration;
    while (network_.now() < end) {
      for (auto& [n, ends] : accepted_) {
        std::erase_if(ends,
                      [](const StreamEnd* peer) { return peer->eof_arrived || peer->broken; });
        for (StreamEnd* peer : ends) network_.raw_send(*peer, encoded(PeerMessage{}));
      }
      network_.run_for(Duration::seconds(20));
    }
  }
  size_t dials_of(uint8_t n) { return dials_[n]; }
  size_t dials_of_others() {
    size_t sum = 0;
    for (const auto& [n, dials] : dials_) sum += n == 2 ? 0 : dials;
    return sum;
  }

  MemNetwork network_{11};
  std::map<uint8_t, size_t> dials_;
  std::map<uint8_t, std::vector<StreamEnd*>> accepted_;
};

TEST_F(Neighbourhood, a_neighbour_that_falls_quiet_is_replaced_before_it_is_given_up) {
  listen(2, {endpoint(3)});
  listen(3);
  MemNode& node = start_node();
  network_.run_for(Duration::seconds(20));
  ASSERT_EQ(dials_of(2), 1U);
  ASSERT_EQ(dials_of(3), 0U);
  network_.run_for(Duration::seconds(23));
  EXPECT_EQ(dials_of(3), 1U) << "30 s is what a peer may be silent for";
  EXPECT_TRUE(node.said<PeerClosed>().empty()) << "it may come back";
}

TEST_F(Neighbourhood, whoever_has_enough_neighbours_tries_out_another_now_and_then) {
  listen(2, {endpoint(3), endpoint(4)});
  listen(3);
  listen(4);
  start_node();
  run_with_life(Duration::seconds(20));
  EXPECT_EQ(dials_of_others(), 0U);
  run_with_life(Duration::seconds(20));
  EXPECT_EQ(dials_of_others(), 1U);
}

TEST_F(Neighbourhood, trying_out_becomes_rare) {
  listen_at_many();
  start_node();
  run_with_life(Duration::minutes(16));
  const size_t early = dials_of_others();
  EXPECT_GE(early, 4U);
  EXPECT_LE(early, 8U);
  run_with_life(Duration::minutes(120));
  EXPECT_GE(dials_of_others() - early, 5U);
  EXPECT_LE(dials_of_others() - early, 14U);
}

TEST_F(Neighbourhood, whoever_is_tried_out_late_is_let_go_of_in_a_moment) {
  listen_at_many();
  start_node();
  run_with_life(Duration::minutes(60));
  const auto before = dials_;
  for (int i = 0; i < 100 && dials_ == before; ++i) run_with_life(Duration::seconds(20));
  network_.run_for(Duration::seconds(5));
  uint8_t tried_out = 0;
  for (const auto& [n, dials] : dials_) {
    const auto was = before.find(n);
    if (was == before.end() || was->second != dials) tried_out = n;
  }
  ASSERT_NE(tried_out, 0);
  EXPECT_TRUE(accepted_[tried_out].empty() || accepted_[tried_out].back()->eof_arrived);
}

TEST_F(Neighbourhood, a_peer_that_is_tried_out_is_told_of_few) {
  listen_at_many();
  Config config = config_with({at_host(2)});
  config.limits.dialled_neighbours = 10;
  config.listen_port = 0;
  network_.add(config, host(1));
  run_with_life(Duration::seconds(20));
  ASSERT_EQ(dials_of_others(), 9U);
  for (uint8_t n = 3; n < 20; ++n) accepted_[n].clear();
  run_with_life(Duration::seconds(20));
  EXPECT_EQ(dials_of_others(), 10U);
  for (uint8_t n = 3; n < 20; ++n) {
    for (const StreamEnd* feeler : accepted_[n]) {
      EXPECT_GT(feeler->raw_received.size(), 0U);
      // Five records at most, and empty lists after that.
      EXPECT_LE(feeler->raw_received.size(), kFrameHeaderSize + 5 * kRecordSize + 17U + 10U);
    }
  }
}

TEST_F(Neighbourhood, one_of_each_network_is_dialled_before_a_second_of_any) {
  std::vector<Endpoint> others;
  std::map<uint8_t, size_t> dials;  // by the second octet
  for (uint8_t n = 0; n < 8; ++n) {
    others.push_back({Address::v4(150, 1, 0, n), kPort});
    others.push_back({Address::v4(150, static_cast<uint8_t>(10 + n), 0, 1), kPort});
  }
  for (const Endpoint& at : others) {
    network_.raw_listen(at, [&, at](StreamEnd& end) {
      ++dials[std::to_integer<uint8_t>(at.address.bytes[13])];
      network_.raw_send(end, encoded(hello_of(at, 100 + dials.size(), {})));
    });
  }
  listen(2, others);
  Config config = config_with({at_host(2)});
  config.limits.dialled_neighbours = 10;
  config.listen_port = 0;
  MemNode& node = network_.add(config, host(1));
  network_.run_for(Duration::seconds(5));
  EXPECT_EQ(dials.size(), 9U);
  EXPECT_EQ(dials[1], 1U);
  EXPECT_EQ(node.engine().status().peers.size(), 10U);
}

TEST_F(Neighbourhood, where_all_are_of_one_network_they_are_dialled_all_the_same) {
  std::vector<Endpoint> others;
  size_t dials = 0;
  for (uint8_t n = 0; n < 8; ++n) {
    others.push_back({Address::v4(150, 1, 0, n), kPort});
    network_.raw_listen(others.back(), [&, n](StreamEnd& end) {
      ++dials;
      network_.raw_send(end, encoded(hello_of(others[n], 100U + n, {})));
    });
  }
  listen(2, others);
  Config config = config_with({at_host(2)});
  config.limits.dialled_neighbours = 6;
  config.listen_port = 0;
  network_.add(config, host(1));
  network_.run_for(Duration::seconds(5));
  EXPECT_EQ(dials, 5U);
}

TEST_F(Neighbourhood, what_must_be_said_is_said_to_all_at_once) {
  MemNode& node = network_.add(config_with(), host(1));
  std::vector<StreamEnd*> peers;
  for (uint8_t n = 2; n < 6; ++n) {
    peers.push_back(&network_.raw_connect(node.endpoint(), host(n)));
    network_.raw_send(*peers.back(), encoded(hello_message(n)));
    network_.run_for(Duration::seconds(1));
  }
  // They were met over some seconds: soon one turn serves them all.
  for (int i = 0; i < 4; ++i) {
    for (StreamEnd* peer : peers) network_.raw_send(*peer, encoded(PeerMessage{}));
    network_.run_for(Duration::seconds(25));
  }
  for (StreamEnd* peer : peers) {
    network_.raw_send(*peer, encoded(PeerMessage{}));
    peer->raw_received.clear();
  }
  const auto heard = [&] {
    return std::count_if(peers.begin(), peers.end(),
                         [](const StreamEnd* peer) { return !peer->raw_received.empty(); });
  };
  ASSERT_TRUE(network_.run_until([&] { return heard() > 0; }, Duration::seconds(30)));
  network_.run_for(Duration::milliseconds(100));
  EXPECT_EQ(heard(), 4);
}

}  // namespace
}  // namespace p2p::test::neighbours_test
