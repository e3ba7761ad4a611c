// Peers that break the rules are closed, each with its reason; everybody else goes on.
#include <gtest/gtest.h>

#include "tests/support/mem_scenes.h"

namespace p2p::test::hostile_peer_test {
namespace {

struct Scene {
  explicit Scene(uint64_t seed, Limits limits = {}) : network(seed) {
    Config config = config_with();
    config.limits = limits;
    node = &network.add(config, host(1));
  }
  StreamEnd& connect(uint8_t from = 9) { return network.raw_connect(node->endpoint(), host(from)); }
  StreamEnd& greet(uint64_t nonce = 99, uint8_t from = 9) {
    StreamEnd& raw = connect(from);
    network.raw_send(raw, encoded(hello_message(nonce)));
    network.run_for(Duration::milliseconds(100));
    return raw;
  }
  void send_hex(StreamEnd& raw, std::string_view hex) {
    network.raw_send(raw, *from_hex(hex));
    network.run_for(Duration::seconds(1));
  }
  CloseReason reason() { return node->said<PeerClosed>().at(0).reason; }

  MemNetwork network;
  MemNode* node;
};

TEST(HostilePeer, a_frame_of_length_1_and_type_0_is_of_wrong_length) {
  Scene scene(1);
  scene.send_hex(scene.connect(), "0100000000");
  EXPECT_EQ(scene.reason(), CloseReason::bad_frame_length);
}

TEST(HostilePeer, a_length_of_4_gib_is_refused_before_any_body) {
  Scene scene(2);
  scene.send_hex(scene.connect(), "ffffffff02");
  EXPECT_EQ(scene.reason(), CloseReason::bad_frame_length);
}

TEST(HostilePeer, type_3_from_a_stranger_is_unknown) {
  Scene scene(3);
  scene.send_hex(scene.connect(), "0500000003");
  EXPECT_EQ(scene.reason(), CloseReason::unknown_frame_type);
  EXPECT_EQ(scene.node->said<PeerClosed>()[0].detail, "type 3");
}

TEST(HostilePeer, an_unknown_type_from_an_extended_peer_is_skipped) {
  Scene scene(4);
  StreamEnd& raw = scene.greet();
  scene.send_hex(raw, "0500000063aabbccdd");
  EXPECT_TRUE(scene.node->said<PeerClosed>().empty());
}

TEST(HostilePeer, one_byte_a_second_is_too_slow_for_a_first_frame) {
  Scene scene(5);
  StreamEnd& raw = scene.connect();
  const auto hello = encoded(PeerMessage{std::vector<Endpoint>(50, Endpoint{host(3), 1}), {}});
  for (size_t i = 0; i < 70; ++i) {
    scene.network.raw_send(raw, std::span(hello).subspan(i, 1));
    scene.network.run_for(Duration::seconds(1));
  }
  EXPECT_EQ(scene.reason(), CloseReason::frame_too_slow);
}

TEST(HostilePeer, more_wants_than_the_window_are_a_fault) {
  Scene scene(6);
  StreamEnd& raw = scene.greet();
  uint32_t serial = 0;
  for (int frame = 0; frame < 5; ++frame) {
    DigestListMessage wants{FrameType::want, {}};
    for (size_t i = 0; i < kDigestListMax; ++i) {
      Digest digest;
      store_u32le(digest.bytes, serial++);
      wants.digests.push_back(digest);
    }
    scene.network.raw_send(raw, encoded(wants));
  }
  scene.network.run_for(Duration::seconds(1));
  EXPECT_EQ(scene.reason(), CloseReason::too_many_wants);
}

TEST(HostilePeer, an_unasked_give_is_read_and_dropped) {
  Scene scene(7);
  StreamEnd& raw = scene.greet();
  auto bytes = std::vector<std::byte>(kGiveHeaderSize + 1024);
  const auto header = encode_give_header(sha256({}), kSmallPieces);
  std::copy(header.begin(), header.end(), bytes.begin());
  scene.network.raw_send(raw, bytes);
  scene.network.run_for(Duration::seconds(1));
  EXPECT_TRUE(scene.node->said<PeerClosed>().empty());
}

TEST(HostilePeer, the_oldest_stranger_goes_when_there_are_too_many) {
  Limits limits;
  limits.unidentified_max = 4;
  Scene scene(8, limits);
  for (uint8_t i = 0; i < 6; ++i) scene.connect(static_cast<uint8_t>(100 + i));
  scene.network.run_for(Duration::seconds(1));
  const auto closed = scene.node->said<PeerClosed>();
  ASSERT_EQ(closed.size(), 2u);
  EXPECT_EQ(closed[0].remote.address, host(100));
  EXPECT_EQ(closed[1].remote.address, host(101));
}

TEST(HostilePeer, reasons_are_said_at_a_limited_rate_and_the_rest_is_counted) {
  Scene scene(9);
  for (int i = 0; i < 100; ++i) scene.network.raw_send(scene.connect(), *from_hex("0500000003"));
  scene.network.run_for(Duration::seconds(1));
  EXPECT_LE(scene.node->said<PeerClosed>().size(), 11u);
  scene.network.run_for(Duration::seconds(20));
  scene.send_hex(scene.connect(), "0500000003");
  EXPECT_GE(scene.node->said<PeerClosed>().back().suppressed, 88u);
}

TEST(HostilePeer, one_that_asks_and_never_reads_holds_no_memory_and_is_closed) {
  const ContentTree tree = make_content_tree(kSmallPieces, counting_bytes(1'000'000));
  MemNetwork network(10, {Cuts::anywhere, Duration::milliseconds(5), size_t{1} << 14});
  MemNode& node = network.add(config_with(), host(1), tree.pieces);
  StreamEnd& raw = network.raw_connect(node.endpoint(), host(9));
  raw.raw_reads = false;
  network.raw_send(raw, encoded(hello_message(99)));
  size_t asks = 0;
  for (const auto& [digest, bytes] : tree.pieces) {
    if (++asks > 900) break;
    network.raw_send(raw, encoded(AskMessage{digest}));
  }
  for (int i = 0; i < 10; ++i) {
    network.run_for(Duration::seconds(10));
    network.raw_send(raw, encoded(PeerMessage{}));
  }
  ASSERT_EQ(node.said<PeerClosed>().size(), 1u);
  EXPECT_EQ(node.said<PeerClosed>()[0].reason, CloseReason::not_reading);
}

TEST(HostilePeer, originals_that_begin_a_piece_and_stop_do_not_hold_the_memory_of_a_download) {
  Limits limits;
  limits.receive_budget_bytes = 8 << 10;
  Scene scene(11, limits);
  const auto content = counting_bytes(20'000);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  std::vector<StreamEnd*> stallers;
  for (uint8_t i = 0; i < 16; ++i) {
    stallers.push_back(&scene.connect(static_cast<uint8_t>(100 + i)));
    scene.network.raw_send(*stallers.back(), encoded(PeerMessage{}));
  }
  scene.network.tell(*scene.node, FetchContent{FetchId{1}, tree.id(), true});
  scene.network.run_for(Duration::seconds(1));
  for (StreamEnd* staller : stallers) {
    for (const Message& message : messages_in(staller->raw_received)) {
      const auto* ask = std::get_if<AskMessage>(&message);
      if (ask == nullptr) continue;
      scene.network.raw_send(*staller, encode_give_header(ask->digest, kSmallPieces));
    }
  }
  scene.network.run_for(Duration::seconds(1));
  scene.network.add(config_with({at_host(1)}), host(2), tree.pieces);
  ASSERT_TRUE(scene.network.run_until([&] { return !scene.node->said<ContentComplete>().empty(); },
                                      Duration::minutes(2)));
  EXPECT_EQ(joined(scene.node->targets[FetchId{1}]), content);
  EXPECT_EQ(scene.node->engine().status().receive_budget_used, 0u);
}

TEST(HostilePeer, many_idle_originals_of_one_address_make_room_for_others) {
  Limits limits;
  limits.accepted_neighbours_max = 2;
  limits.exchange_max = 2;
  Scene scene(12, limits);
  for (int i = 0; i < 4; ++i) {
    scene.network.raw_send(scene.connect(100), encoded(PeerMessage{}));
    scene.network.run_for(Duration::seconds(1));
  }
  scene.greet(7, 101);
  const auto closed = scene.node->said<PeerClosed>();
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(closed[0].reason, CloseReason::slots_full);
  EXPECT_EQ(closed[0].remote.address, host(100));
}

}  // namespace
}  // namespace p2p::test::hostile_peer_test
