// What peers' conduct costs them: points, refusals, and the slots of neighbours.
#include <gtest/gtest.h>

#include "tests/support/mem_scenes.h"

namespace p2p::test {
namespace {

constexpr std::string_view kBroken = "0500000003";  // type 3

struct Scene {
  explicit Scene(uint64_t seed, Limits limits = {}) : network(seed) {
    Config config = config_with();
    config.limits = limits;
    node = &network.add(config, host(1));
  }
  StreamEnd& greet(const Address& from) {
    StreamEnd& raw = network.raw_connect(node->endpoint(), from);
    network.raw_send(raw, encoded(hello_message(++last_nonce)));
    network.run_for(Duration::milliseconds(100));
    return raw;
  }
  void break_the_protocol(const Address& from, int times) {
    for (int i = 0; i < times; ++i) {
      network.raw_send(network.raw_connect(node->endpoint(), from), *from_hex(kBroken));
      network.run_for(Duration::milliseconds(100));
    }
  }
  uint64_t closed(CloseReason reason) const {
    return status().counts.closed[static_cast<size_t>(reason)];
  }
  Status status() const { return node->engine().status(); }
  size_t identified() const {
    const auto peers = status().peers;
    return static_cast<size_t>(std::count_if(peers.begin(), peers.end(),
                                             [](const auto& peer) { return peer.identified; }));
  }

  MemNetwork network;
  MemNode* node;
  uint64_t last_nonce = 100;
};

TEST(Conduct, ten_connections_that_break_the_protocol_cost_their_address_the_eleventh) {
  Scene scene(1);
  scene.break_the_protocol(host(9), 10);
  EXPECT_EQ(scene.closed(CloseReason::refused), 0u);
  scene.greet(host(9));  // the one that is let in all the same
  EXPECT_EQ(scene.identified(), 1u);
  StreamEnd& refused = scene.greet(host(9));
  EXPECT_TRUE(refused.eof_arrived || refused.broken);
  EXPECT_TRUE(refused.raw_received.empty());
  EXPECT_EQ(scene.closed(CloseReason::refused), 1u);
  ASSERT_EQ(scene.status().refusals.size(), 1u);
  EXPECT_EQ(scene.status().refusals[0].turned_away, 1u);
}

TEST(Conduct, an_honest_node_behind_a_refused_address_gets_in_and_those_that_are_in_stay) {
  Scene scene(2);
  const Address shared = Address::v4(20, 1, 0, 9);
  StreamEnd& before = scene.greet(shared);
  scene.break_the_protocol(shared, 20);
  EXPECT_GE(scene.closed(CloseReason::refused), 1u);
  EXPECT_FALSE(before.broken);
  scene.network.run_for(Duration::seconds(11));
  scene.greet(shared);
  EXPECT_EQ(scene.identified(), 2u);
}

TEST(Conduct, other_addresses_of_its_network_are_welcome_until_four_are_refused) {
  Scene scene(3);
  for (uint8_t i = 1; i <= 3; ++i) scene.break_the_protocol(Address::v4(20, 1, 0, i), 10);
  for (uint8_t i = 50; i < 53; ++i) scene.greet(Address::v4(20, 1, 0, i));
  EXPECT_EQ(scene.identified(), 3u);
  scene.break_the_protocol(Address::v4(20, 1, 0, 4), 10);
  for (uint8_t i = 60; i < 70; ++i) scene.greet(Address::v4(20, 1, 0, i));
  EXPECT_EQ(scene.identified(), 4u) << "one a second";
  scene.greet(Address::v4(20, 2, 0, 1));
  EXPECT_EQ(scene.identified(), 5u);
}

TEST(Conduct, nobody_is_refused_on_loopback) {
  Scene scene(4);
  scene.break_the_protocol(Address::loopback(), 200);
  EXPECT_EQ(scene.closed(CloseReason::unknown_frame_type), 200u);
  EXPECT_EQ(scene.closed(CloseReason::refused), 0u);
  scene.greet(Address::loopback());
  EXPECT_EQ(scene.identified(), 1u);
}

TEST(Conduct, nobody_is_dialled_on_hearsay_at_a_refused_address) {
  Scene scene(5);
  const Endpoint bad{Address::v4(20, 9, 0, 9), kPort};
  const Endpoint good{Address::v4(20, 8, 0, 8), kPort};
  std::vector<Endpoint> dialled;
  for (const Endpoint& at : {bad, good}) {
    scene.network.raw_listen(at, [&dialled, at](StreamEnd&) { dialled.push_back(at); });
  }
  scene.break_the_protocol(bad.address, 10);
  StreamEnd& gossip = scene.greet(host(9));
  scene.network.raw_send(gossip, encoded(PeerMessage{{bad, good}, {}}));
  scene.network.run_for(Duration::seconds(30));
  EXPECT_EQ(dialled, std::vector<Endpoint>{good});
  const auto story = scene.node->engine().why(bad);
  ASSERT_TRUE(story);
  EXPECT_TRUE(story->refused);
  EXPECT_EQ(story->book.set, BookStory::Set::none);
}

TEST(Conduct, records_beyond_the_allowance_are_not_read_and_cost_a_little) {
  Scene scene(6);
  StreamEnd& raw = scene.greet(host(9));
  PeerMessage list;
  for (uint16_t i = 0; i < 1024; ++i) list.records.push_back({host(50), uint16_t(1000 + i)});
  scene.network.raw_send(raw, encoded(list));
  scene.network.run_for(Duration::seconds(1));
  ASSERT_EQ(scene.status().peers.size(), 1u);
  EXPECT_EQ(scene.status().peers[0].score, 0u);
  scene.network.raw_send(raw, encoded(PeerMessage{{{host(51), kPort}}, {}}));
  scene.network.run_for(Duration::seconds(1));
  EXPECT_EQ(scene.status().peers[0].score, 5u);
  EXPECT_FALSE(scene.node->engine().why({host(51), kPort}));
  for (int i = 0; i < 19; ++i) scene.network.raw_send(raw, encoded(list));
  scene.network.run_for(Duration::seconds(1));
  EXPECT_EQ(scene.closed(CloseReason::misbehaved), 1u);
}

TEST(Conduct, an_original_tells_what_it_knows_as_often_as_it_likes) {
  Scene scene(7);
  StreamEnd& raw = scene.network.raw_connect(scene.node->endpoint(), host(9));
  PeerMessage list;
  for (uint16_t i = 0; i < 1024; ++i) list.records.push_back({host(50), uint16_t(1000 + i)});
  list.records[3] = {Address::loopback(), kPort};
  for (int i = 0; i < 100; ++i) {
    scene.network.raw_send(raw, encoded(list));
    scene.network.run_for(Duration::seconds(1));
  }
  ASSERT_EQ(scene.status().peers.size(), 1u);
  EXPECT_TRUE(scene.status().peers[0].legacy);
  EXPECT_EQ(scene.status().peers[0].score, 0u);
}

TEST(Conduct, fifty_pieces_that_nobody_asked_for_close_the_connection) {
  Scene scene(8);
  StreamEnd& raw = scene.greet(host(9));
  auto give = std::vector<std::byte>(kGiveHeaderSize + 1024);
  const auto header = encode_give_header(sha256({}), kSmallPieces);
  std::copy(header.begin(), header.end(), give.begin());
  for (int i = 0; i < 49; ++i) scene.network.raw_send(raw, give);
  scene.network.run_for(Duration::seconds(1));
  ASSERT_EQ(scene.status().peers.size(), 1u);
  EXPECT_EQ(scene.status().peers[0].score, 98u);
  scene.network.raw_send(raw, give);
  scene.network.run_for(Duration::seconds(1));
  EXPECT_EQ(scene.closed(CloseReason::misbehaved), 1u);
  ASSERT_EQ(scene.node->said<PeerClosed>().size(), 1u);
  EXPECT_EQ(scene.node->said<PeerClosed>()[0].detail, "pieces that nobody asked for");
}

TEST(Conduct, addresses_that_nobody_can_use_are_forgiven_at_the_rate_of_the_protocol) {
  Scene scene(9);
  StreamEnd& raw = scene.greet(host(9));
  for (int i = 0; i < 200; ++i) {
    scene.network.raw_send(raw, encoded(PeerMessage{{{Address::loopback(), kPort}}, {}}));
    scene.network.run_for(Duration::seconds(10));
  }
  EXPECT_FALSE(raw.broken);
  for (int i = 0; i < 100; ++i) {
    scene.network.raw_send(raw, encoded(PeerMessage{{{Address::loopback(), kPort}}, {}}));
  }
  scene.network.run_for(Duration::seconds(1));
  EXPECT_EQ(scene.closed(CloseReason::misbehaved), 1u);
}

Limits with_two_slots() {
  Limits limits;
  limits.accepted_neighbours_max = 2;
  return limits;
}

TEST(Slots, who_comes_when_all_are_taken_is_told_of_the_others_before_it_goes) {
  Scene scene(10, with_two_slots());
  MemNode& neighbour = scene.network.add(config_with({at_host(1)}), host(2));
  scene.greet(host(8));
  StreamEnd& late = scene.greet(host(9));
  const auto told = messages_in(late.raw_received);
  ASSERT_EQ(told.size(), 1u);
  const auto records = std::get<PeerMessage>(told[0]).records;
  EXPECT_NE(std::find(records.begin(), records.end(), neighbour.endpoint()), records.end());
  scene.network.run_for(Duration::seconds(61));
  EXPECT_TRUE(late.broken || late.eof_arrived);
  EXPECT_EQ(scene.closed(CloseReason::slots_full), 1u);
}

TEST(Slots, a_newcomer_from_another_network_takes_the_slot_of_the_youngest_of_a_crowded_one) {
  Limits limits;
  limits.accepted_neighbours_max = 4;
  Scene scene(11, limits);
  std::vector<StreamEnd*> crowd;
  for (uint8_t i = 1; i <= 4; ++i) crowd.push_back(&scene.greet(Address::v4(20, 1, 0, i)));
  scene.network.run_for(Duration::seconds(61));
  scene.network.raw_send(*crowd[0], encoded(PeerMessage{}));
  StreamEnd& same = scene.greet(Address::v4(20, 1, 0, 5));
  StreamEnd& other = scene.greet(Address::v4(20, 2, 0, 1));
  scene.network.run_for(Duration::milliseconds(100));
  const auto peers = scene.status().peers;
  ASSERT_EQ(peers.size(), 5u);
  for (const PeerStatus& peer : peers) {
    const Address& address = peer.remote.address;
    EXPECT_NE(address, Address::v4(20, 1, 0, 4)) << "the youngest has gone";
    EXPECT_EQ(peer.surplus, address == Address::v4(20, 1, 0, 5)) << address.text();
  }
  EXPECT_FALSE(same.broken);
  EXPECT_FALSE(other.broken);
  EXPECT_EQ(scene.closed(CloseReason::slots_full), 1u);
}

// Peers of different addresses, as many as there are slots, and room for so many strangers.
struct FullScene : Scene {
  explicit FullScene(uint64_t seed, size_t strangers) : Scene(seed, full(strangers)) {
    for (uint8_t i = 0; i < 4; ++i) greet(host(static_cast<uint8_t>(10 + i)));
  }
  static Limits full(size_t strangers) {
    Limits limits;
    limits.accepted_neighbours_max = 2;
    limits.exchange_max = 2;
    limits.unidentified_max = strangers;
    return limits;
  }
};

TEST(Guests, who_comes_when_there_is_no_connection_left_may_ask_for_holders_before_it_goes) {
  FullScene scene(13, 8);
  StreamEnd& guest = scene.greet(host(20));
  scene.network.raw_send(guest, encoded(SeekMessage{sha256({}), 0}));
  scene.network.run_for(Duration::seconds(1));
  const auto answers = messages_in(guest.raw_received);
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<FoundMessage>(answers[1]));
  EXPECT_EQ(scene.closed(CloseReason::slots_full), 0u);
  scene.network.run_for(Duration::seconds(5));
  EXPECT_TRUE(guest.eof_arrived || guest.broken);
  EXPECT_EQ(scene.closed(CloseReason::slots_full), 1u);
  EXPECT_EQ(scene.status().peers.size(), 4u);
}

TEST(Guests, too_many_guests_and_strangers_make_the_one_go_that_came_first_without_blame) {
  FullScene scene(14, 2);
  StreamEnd& first = scene.greet(host(20));
  StreamEnd& second = scene.greet(host(21));
  EXPECT_FALSE(first.eof_arrived || first.broken);
  scene.network.raw_connect(scene.node->endpoint(), host(22));
  scene.network.run_for(Duration::milliseconds(100));
  EXPECT_TRUE(first.eof_arrived || first.broken);
  EXPECT_FALSE(second.eof_arrived || second.broken);
  EXPECT_EQ(scene.closed(CloseReason::slots_full), 1u);
  EXPECT_EQ(scene.closed(CloseReason::not_identified), 0u);
}

TEST(Guests, a_slot_that_is_left_is_for_the_next_and_guests_go_all_the_same) {
  FullScene scene(15, 8);
  StreamEnd& guest = scene.greet(host(20));
  scene.network.run_for(Duration::seconds(61));
  EXPECT_TRUE(guest.eof_arrived || guest.broken);
  scene.greet(host(10));
  scene.greet(host(11));
  EXPECT_EQ(scene.status().peers.size(), 4u);
  for (const PeerStatus& peer : scene.status().peers) EXPECT_TRUE(peer.identified);
}

TEST(Slots, who_leaves_makes_room_for_the_next) {
  Scene scene(12, with_two_slots());
  StreamEnd& leaving = scene.greet(host(7));
  scene.greet(host(8));
  scene.greet(host(9));
  scene.network.raw_close(leaving);
  scene.network.run_for(Duration::seconds(1));
  scene.greet(host(10));
  for (const PeerStatus& peer : scene.status().peers) {
    EXPECT_EQ(peer.surplus, peer.remote.address == host(9)) << peer.remote.text();
  }
}

}  // namespace
}  // namespace p2p::test
