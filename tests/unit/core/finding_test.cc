// Finding holders: what a node answers to a seek, what it tells later, and how getters and holders
// that are no neighbours come together.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/overlay/listings.h"
#include "engine/overlay/place.h"
#include "engine/overlay/seek_answers.h"
#include "tests/support/mem_scenes.h"

namespace p2p::test::finding_test {
namespace {

const Digest kId = sha256({});

std::vector<FoundMessage> founds_in(const StreamEnd& raw) {
  std::vector<FoundMessage> founds;
  for (const Message& message : messages_in(raw.raw_received)) {
    if (const auto* found = std::get_if<FoundMessage>(&message)) founds.push_back(*found);
  }
  return founds;
}

std::vector<SeekMessage> seeks_in(const StreamEnd& raw) {
  std::vector<SeekMessage> seeks;
  for (const Message& message : messages_in(raw.raw_received)) {
    if (const auto* seek = std::get_if<SeekMessage>(&message)) seeks.push_back(*seek);
  }
  return seeks;
}

// A hello that claims to listen on the first record.
PeerMessage listening_hello(uint64_t nonce, const Endpoint& at) {
  HelloTrailer trailer;
  trailer.piece_size_log2 = kSmallPieces.log2();
  trailer.nonce = nonce;
  trailer.capabilities |= HelloTrailer::kListening;
  const auto bytes = trailer.encode();
  return {{at}, {bytes.begin(), bytes.end()}};
}

// A node at host 1, and peers of the test's own that it accepts.
struct Scene {
  explicit Scene(uint64_t seed) : network(seed), node(network.add(config_with(), host(1))) {}

  StreamEnd& peer(uint8_t from, uint16_t port = kPort) {
    StreamEnd& raw = network.raw_connect(node.endpoint(), host(from));
    send(raw, listening_hello(1000u + from, {host(from), port}));
    return raw;
  }
  StreamEnd& peer_that_does_not_listen(uint8_t from) {
    StreamEnd& raw = network.raw_connect(node.endpoint(), host(from));
    send(raw, hello_message(1000u + from));
    return raw;
  }
  void send(StreamEnd& raw, const Message& message) {
    network.raw_send(raw, encoded(message));
    network.run_for(Duration::milliseconds(100));
  }

  MemNetwork network;
  MemNode& node;
};

TEST(Seek, is_answered_by_one_found_of_the_same_id_from_a_node_that_knows_nobody) {
  Scene scene(1);
  StreamEnd& seeker = scene.peer(9);
  scene.send(seeker, SeekMessage{kId, 0});
  EXPECT_EQ(founds_in(seeker), (std::vector{FoundMessage{kId, {}, {}}}));
}

TEST(Seek, names_the_eight_nearest_of_those_that_the_node_has_spoken_with_but_not_the_seeker) {
  Scene scene(2);
  std::vector<Endpoint> peers;
  for (uint8_t n = 20; n < 32; ++n) {
    scene.peer(n);
    peers.push_back({host(n), kPort});
  }
  StreamEnd& seeker = scene.peer(9);
  scene.send(seeker, SeekMessage{kId, 0});
  const auto founds = founds_in(seeker);
  ASSERT_EQ(founds.size(), 1u);
  EXPECT_TRUE(founds[0].holders.empty());
  ASSERT_EQ(founds[0].nearest.size(), 8u);
  const auto nearer = [](const Endpoint& a, const Endpoint& b) {
    return distance(kId, place_of(a)) < distance(kId, place_of(b));
  };
  EXPECT_TRUE(std::is_sorted(founds[0].nearest.begin(), founds[0].nearest.end(), nearer));
  for (const Endpoint& endpoint : founds[0].nearest) {
    EXPECT_TRUE(std::find(peers.begin(), peers.end(), endpoint) != peers.end());
  }
}

TEST(Seek, of_a_hundred_in_one_go_are_answered_by_a_hundred) {
  Scene scene(3);
  StreamEnd& seeker = scene.peer(9);
  std::vector<std::byte> bytes;
  for (int i = 0; i < 100; ++i) append_frame(bytes, SeekMessage{kId, 0});
  scene.network.raw_send(seeker, bytes);
  scene.network.run_for(Duration::seconds(5));
  EXPECT_EQ(founds_in(seeker).size(), 100u);
}

TEST(Seek, of_more_than_the_peer_reads_answers_of_closes_it) {
  Scene scene(4);
  StreamEnd& seeker = scene.peer(9);
  seeker.raw_reads = false;
  std::vector<std::byte> bytes;
  for (size_t i = 0; i < 10 * SeekAnswers::kOwedMax; ++i) append_frame(bytes, SeekMessage{kId, 0});
  scene.network.raw_send(seeker, bytes);
  scene.network.run_for(Duration::seconds(20));
  ASSERT_EQ(scene.node.said<PeerClosed>().size(), 1u);
  EXPECT_EQ(scene.node.said<PeerClosed>()[0].reason, CloseReason::too_many_seeks);
}

TEST(Seek, of_wrong_length_closes_the_peer_and_so_does_a_found_that_does_not_add_up) {
  Scene scene(5);
  scene.network.raw_send(scene.peer(9), *from_hex("2100000014" + kId.hex()));
  scene.network.run_for(Duration::seconds(1));
  EXPECT_EQ(scene.node.said<PeerClosed>().at(0).reason, CloseReason::bad_frame_length);
  // One record announced, none there.
  scene.network.raw_send(scene.peer(8), *from_hex("2300000015" + kId.hex() + "0100"));
  scene.network.run_for(Duration::seconds(1));
  EXPECT_EQ(scene.node.said<PeerClosed>().at(1).reason, CloseReason::bad_frame_body);
}

TEST(Seek, from_a_peer_that_has_not_said_hello_is_a_frame_of_unknown_type) {
  Scene scene(6);
  StreamEnd& raw = scene.network.raw_connect(scene.node.endpoint(), host(9));
  scene.send(raw, SeekMessage{kId, 0});
  EXPECT_EQ(scene.node.said<PeerClosed>().at(0).reason, CloseReason::unknown_frame_type);
}

TEST(Listing, is_of_the_address_that_is_seen_with_the_port_that_the_hello_claims) {
  Scene scene(7);
  StreamEnd& holder = scene.network.raw_connect(scene.node.endpoint(), host(7));
  scene.send(holder, listening_hello(7, {host(77), 4321}));  // it claims to be elsewhere
  scene.send(holder, SeekMessage{kId, SeekMessage::kListMe});
  StreamEnd& seeker = scene.peer(9);
  scene.send(seeker, SeekMessage{kId, 0});
  ASSERT_EQ(founds_in(seeker).size(), 1u);
  EXPECT_EQ(founds_in(seeker)[0].holders, (std::vector{Endpoint{host(7), 4321}}));
}

TEST(Listing, outlives_its_connection_and_ends_after_30_minutes) {
  Scene scene(8);
  StreamEnd& holder = scene.peer(7);
  scene.send(holder, SeekMessage{kId, SeekMessage::kListMe});
  scene.network.raw_close(holder);
  scene.network.run_for(Duration::minutes(29));
  StreamEnd& seeker = scene.peer_that_does_not_listen(9);
  scene.send(seeker, SeekMessage{kId, 0});
  ASSERT_EQ(founds_in(seeker).size(), 1u);
  EXPECT_EQ(founds_in(seeker)[0].holders, (std::vector{Endpoint{host(7), kPort}}));
  scene.network.run_for(Duration::minutes(2));
  StreamEnd& late = scene.peer_that_does_not_listen(10);
  scene.send(late, SeekMessage{kId, 0});
  EXPECT_TRUE(founds_in(late).at(0).holders.empty());
}

TEST(Listing, is_not_made_for_a_node_that_does_not_listen_nor_without_bit_0) {
  Scene scene(9);
  scene.send(scene.peer_that_does_not_listen(7), SeekMessage{kId, SeekMessage::kListMe});
  scene.send(scene.peer(8), SeekMessage{kId, 2});
  StreamEnd& seeker = scene.peer(9);
  scene.send(seeker, SeekMessage{kId, 0});
  EXPECT_TRUE(founds_in(seeker).at(0).holders.empty());
}

TEST(Listing, that_is_new_is_told_to_those_who_have_sought_the_id_and_a_renewed_one_is_not) {
  Scene scene(10);
  StreamEnd& seeker = scene.peer(9);
  StreamEnd& other = scene.peer(8);
  scene.send(seeker, SeekMessage{kId, 0});
  scene.send(other, SeekMessage{sha256_zero_filled({}, 1), 0});
  StreamEnd& holder = scene.peer(7);
  scene.send(holder, SeekMessage{kId, SeekMessage::kListMe});
  scene.send(holder, SeekMessage{kId, SeekMessage::kListMe});
  const auto founds = founds_in(seeker);
  ASSERT_EQ(founds.size(), 2u);
  EXPECT_EQ(founds[1], (FoundMessage{kId, {{host(7), kPort}}, {}}));
  EXPECT_EQ(founds_in(other).size(), 1u);
  // Its own listing is told to nobody who made it.
  EXPECT_TRUE(founds_in(holder).at(0).holders.empty());
}

TEST(Found, that_was_not_sought_moves_nobody) {
  Scene scene(11);
  int dials = 0;
  scene.network.raw_listen({host(50), kPort}, [&](StreamEnd&) { ++dials; });
  StreamEnd& liar = scene.peer(9);
  scene.send(liar, FoundMessage{kId, {{host(50), kPort}}, {{host(50), kPort}}});
  scene.network.run_for(Duration::minutes(2));
  EXPECT_EQ(dials, 0);
}

// One that serves a content, and a peer of the test's that it asks to be listed.
struct ServingScene {
  ServingScene() {
    network.raw_listen({host(2), kPort}, [this](StreamEnd& raw) {
      asked = &raw;
      network.raw_send(raw, encoded(listening_hello(2, {host(2), kPort})));
    });
    holder = &network.add(config_with({at_host(2)}), host(1));
    network.tell(*holder, ServeContent{kId});
    network.run_for(Duration::seconds(10));
  }
  std::ptrdiff_t seeks_of_it() const {
    const auto seeks = seeks_in(*asked);
    return std::count(seeks.begin(), seeks.end(), SeekMessage{kId, SeekMessage::kListMe});
  }
  void answer() { network.raw_send(*asked, encoded(FoundMessage{kId, {}, {}})); }

  MemNetwork network{12};
  StreamEnd* asked = nullptr;
  MemNode* holder = nullptr;
};

TEST(Finding, a_node_that_serves_a_content_asks_to_be_listed_and_asks_again) {
  ServingScene scene;
  ASSERT_NE(scene.asked, nullptr);
  EXPECT_EQ(scene.seeks_of_it(), 1);
  std::ptrdiff_t answered = 0;
  for (int s = 0; s < 3600; ++s) {
    if (s % 20 == 0) scene.network.raw_send(*scene.asked, encoded(PeerMessage{}));
    for (; answered < scene.seeks_of_it(); ++answered) scene.answer();
    scene.network.run_for(Duration::seconds(1));
  }
  EXPECT_GE(scene.seeks_of_it(), 4);  // at once, after 1 and 6 min, and every 20
  EXPECT_LE(scene.seeks_of_it(), 6);
}

TEST(Finding, what_is_not_served_any_more_is_not_listed_again) {
  ServingScene scene;
  ASSERT_NE(scene.asked, nullptr);
  ASSERT_EQ(scene.seeks_of_it(), 1);
  scene.answer();
  scene.network.tell(*scene.holder, StopServing{kId});
  scene.network.tell(*scene.holder, StopServing{kId});
  for (int s = 0; s < 3600; s += 20) {
    scene.network.raw_send(*scene.asked, encoded(PeerMessage{}));
    scene.network.run_for(Duration::seconds(20));
  }
  EXPECT_EQ(scene.seeks_of_it(), 1);
}

TEST(Finding, an_original_is_never_asked) {
  MemNetwork network(13);
  StreamEnd* asked = nullptr;
  network.raw_listen({host(2), kPort}, [&](StreamEnd& raw) { asked = &raw; });  // says nothing
  MemNode& holder = network.add(config_with({at_host(2)}), host(1));
  network.tell(holder, ServeContent{kId});
  network.tell(holder, FetchContent{FetchId{1}, sha256_zero_filled({}, 1), true});
  network.run_for(Duration::minutes(10));
  ASSERT_NE(asked, nullptr);
  for (const uint8_t type : frame_types(asked->raw_received)) EXPECT_LE(type, kLegacyTypeMax);
}

// A bootstrap node, and others that each have few neighbours: most are nobody's to most.
struct Crowd {
  explicit Crowd(uint64_t seed, size_t count = 40) : network(seed) {
    for (size_t n = 1; n <= count; ++n) add();
  }
  MemNode& add(bool listens = true, std::map<Digest, std::vector<std::byte>> pieces = {}) {
    const auto n = static_cast<uint8_t>(network.size() + 1);
    Config config = config_with(n == 1 ? std::vector<HostPort>{} : std::vector{at_host(1)});
    config.limits.dialled_neighbours = 3;
    if (!listens) config.listen_port = 0;
    return network.add(config, host(n), std::move(pieces));
  }
  bool gets(MemNode& getter, const Digest& id, Duration within) {
    network.tell(getter, FetchContent{FetchId{1}, id, true});
    return network.run_until([&] { return !getter.said<ContentComplete>().empty(); }, within);
  }

  MemNetwork network;
};

TEST(Finding, a_getter_finds_the_only_holder_in_a_crowd) {
  const auto content = counting_bytes(50'000);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  Crowd crowd(14);
  MemNode& holder = crowd.add(true, tree.pieces);
  crowd.network.tell(holder, ServeContent{tree.id()});
  crowd.network.run_for(Duration::minutes(1));
  MemNode& getter = crowd.add();
  ASSERT_TRUE(crowd.gets(getter, tree.id(), Duration::seconds(30)));
  EXPECT_EQ(joined(getter.targets[FetchId{1}]), content);
}

TEST(Finding, a_holder_that_does_not_listen_finds_the_getter) {
  const auto content = counting_bytes(50'000);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  Crowd crowd(15);
  MemNode& holder = crowd.add(false, tree.pieces);
  crowd.network.tell(holder, ServeContent{tree.id()});
  crowd.network.run_for(Duration::minutes(1));
  MemNode& getter = crowd.add();
  EXPECT_TRUE(crowd.gets(getter, tree.id(), Duration::seconds(30)));
}

TEST(Finding, who_has_fetched_a_content_is_found_once_the_first_holder_is_gone) {
  const auto content = counting_bytes(50'000);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  Crowd crowd(16);
  MemNode& holder = crowd.add(true, tree.pieces);
  crowd.network.tell(holder, ServeContent{tree.id()});
  MemNode& second = crowd.add();
  ASSERT_TRUE(crowd.gets(second, tree.id(), Duration::minutes(2)));
  crowd.network.run_for(Duration::minutes(1));
  crowd.network.tell(holder, ShutDown{});
  crowd.network.run_for(Duration::minutes(1));
  MemNode& third = crowd.add();
  EXPECT_TRUE(crowd.gets(third, tree.id(), Duration::minutes(1)));
}

TEST(Finding, lets_go_of_those_that_were_asked) {
  Crowd crowd(17);
  MemNode& holder = crowd.add();
  crowd.network.tell(holder, ServeContent{kId});
  crowd.network.run_for(Duration::minutes(15));
  for (const PeerStatus& peer : holder.engine().status().peers) {
    const bool is_left_over = peer.surplus && !peer.accepted && peer.age > Duration::minutes(2);
    EXPECT_FALSE(is_left_over) << peer.remote.text();
  }
}

}  // namespace
}  // namespace p2p::test::finding_test
