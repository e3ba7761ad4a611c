// The original as the simulator plays it (docs/protocol.md, What the original does, as measured).
#include <gtest/gtest.h>

#include "tests/unit/sim_peers/fake_world.h"

namespace p2p::sim::test {
namespace {

const std::vector<std::byte> kBytes{std::byte{1}, std::byte{2}, std::byte{3}};
const Digest kAbsent = sha256({});

Duration since(Time then, Time now) { return now - then; }

std::vector<std::byte> give_of(const std::vector<std::byte>& piece, Digest& digest) {
  std::vector<std::byte> whole = piece;
  whole.resize(kSmallPieces.bytes());
  digest = sha256(whole);
  const auto header = encode_give_header(digest, kSmallPieces);
  std::vector<std::byte> frame(header.begin(), header.end());
  frame.insert(frame.end(), whole.begin(), whole.end());
  return frame;
}

TEST(Legacy, says_its_first_word_8_to_11_seconds_after_it_dialled_and_then_every_1_to_11) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Scene scene(Behaviour::legacy, seed);
    scene.other.kind = PeerKind::legacy;
    scene.world.run_for(Duration::minutes(2));
    ASSERT_GE(scene.other.frames.size(), 10u);
    Time before = scene.other.opened_at.at(0);
    Duration least = Duration::seconds(8);
    for (const HeardFrame& frame : scene.other.frames) {
      EXPECT_GE(since(before, frame.at), least);
      EXPECT_LE(since(before, frame.at), Duration::seconds(11) + kLatency);
      before = frame.at;
      least = Duration::seconds(1) - kLatency;
    }
  }
}

TEST(Legacy, sends_all_its_asks_and_a_plain_list_of_loopback_records_in_one_burst) {
  std::vector<Digest> wanted{sha256(kBytes), kAbsent};
  Scene scene(Behaviour::legacy, 1, [&](FakeHost& own) {
    for (const Digest& digest : wanted) own.tell_to_want(digest);
  });
  scene.world.run_for(Duration::milliseconds(11'020));
  ASSERT_EQ(scene.other.frames.size(), 3u);
  EXPECT_EQ(scene.other.frames.front().at, scene.other.frames.back().at);
  EXPECT_EQ(scene.other.heard<AskMessage>().size(), 2u);
  const auto lists = scene.other.heard<PeerMessage>();
  ASSERT_EQ(lists.size(), 1u);
  EXPECT_EQ(lists[0], (PeerMessage{{{Address::loopback(), 8100}}, {}}));
}

TEST(Legacy, says_nothing_on_a_connection_that_was_dialled_to_it_but_answers_asks_there) {
  Digest digest;
  Scene scene(Behaviour::legacy, 1, [&](FakeHost& own) {
    digest = own.hold(kBytes);
    own.facts_to_change().bootstrap.clear();
  });
  const ConnId conn = scene.there->dial(host(1));
  scene.world.run_for(Duration::minutes(2));
  EXPECT_TRUE(scene.other.frames.empty());

  scene.there->send(conn, encoded(AskMessage{kAbsent}));
  scene.there->send(conn, encoded(AskMessage{digest}));
  scene.world.run_for(Duration::seconds(1));
  const auto gives = scene.other.payloads();
  ASSERT_EQ(gives.size(), 1u) << "what it can't serve it passes over";
  EXPECT_EQ(gives[0].payload.size(), kSmallPieces.bytes()) << "whole, the zeros included";
  EXPECT_EQ(sha256(gives[0].payload), digest);
  EXPECT_EQ(std::get<PayloadEnd>(gives[0].item).type, FrameType::give);
}

TEST(Legacy, stores_what_it_wanted_and_asks_for_it_no_more) {
  Digest digest;
  const auto give = give_of(kBytes, digest);
  Scene scene(Behaviour::legacy, 1, [&](FakeHost& own) { own.tell_to_want(digest); });
  scene.world.run_for(Duration::seconds(12));
  ASSERT_FALSE(scene.other.heard<AskMessage>().empty());
  auto wrong = give;
  wrong.back() = std::byte{1};
  scene.there->send(scene.other.conns.at(0), wrong);
  scene.world.run_for(Duration::milliseconds(50));
  EXPECT_TRUE(scene.here->pieces().empty()) << "bytes of another hash";
  scene.there->send(scene.other.conns.at(0), give);
  scene.world.run_for(Duration::milliseconds(50));
  ASSERT_TRUE(scene.here->pieces().contains(digest));
  EXPECT_EQ(scene.here->pieces().at(digest).size(), kBytes.size());
  const size_t asks = scene.other.heard<AskMessage>().size();
  scene.world.run_for(Duration::minutes(1));
  EXPECT_EQ(scene.other.heard<AskMessage>().size(), asks);
}

TEST(Legacy, asks_for_what_it_is_told_to_want_later) {
  Scene scene(Behaviour::legacy);
  scene.world.run_for(Duration::seconds(30));
  EXPECT_TRUE(scene.other.heard<AskMessage>().empty());
  scene.here->tell_to_want(kAbsent);
  scene.peer->told(*scene.here);
  scene.world.run_for(Duration::seconds(12));
  EXPECT_FALSE(scene.other.heard<AskMessage>().empty());
}

TEST(Legacy, dials_each_record_once_and_takes_a_loopback_one_for_its_own_host) {
  Scene scene(Behaviour::legacy);
  Counterpart neighbour;
  RawFacts same_host = facts_of(1);
  same_host.endpoint.port = 9000;
  scene.world.add(neighbour, same_host);
  scene.world.run_for(Duration::seconds(1));
  const PeerMessage list{{{Address::loopback(), 9000}, {Address::loopback(), 8100}, host(3)}, {}};
  for (int i = 0; i < 3; ++i) scene.there->send(scene.other.conns.at(0), encoded(list));
  scene.world.run_for(Duration::minutes(1));
  EXPECT_EQ(neighbour.conns.size(), 1u);
  size_t refused = 0;
  for (const auto& [at, to] : scene.here->dials()) {
    EXPECT_NE(to, host(1)) << "itself";
    refused += to == host(3) ? 1u : 0u;
  }
  EXPECT_EQ(refused, 3u) << "what failed is dialled again when it is heard of again";
  const auto lists = scene.other.heard<PeerMessage>();
  ASSERT_FALSE(lists.empty());
  EXPECT_EQ(lists.back().records,
            (std::vector<Endpoint>{{Address::loopback(), 8100}, {Address::loopback(), 9000}}));
}

TEST(Legacy, stands_still_for_127_seconds_in_a_dial_without_an_answer) {
  Digest digest;
  Scene scene(Behaviour::legacy, 1, [&](FakeHost& own) { digest = own.hold(kBytes); });
  scene.world.make_deaf(host(9));
  scene.world.run_for(Duration::seconds(1));
  const ConnId conn = scene.other.conns.at(0);
  scene.there->send(conn, encoded(PeerMessage{{host(9)}, {}}));
  scene.there->send(conn, encoded(AskMessage{digest}));
  scene.world.run_for(Duration::seconds(127));
  EXPECT_TRUE(scene.other.frames.empty());
  scene.world.run_for(Duration::seconds(1));
  EXPECT_EQ(scene.other.payloads().size(), 1u);
  EXPECT_EQ(scene.other.heard<PeerMessage>().size(), 1u) << "its overdue burst, once";
}

TEST(Legacy, dies_of_a_type_above_2_and_names_it) {
  Scene scene(Behaviour::legacy);
  scene.world.run_for(Duration::seconds(1));
  const DigestListMessage want{FrameType::want, {kAbsent}};
  scene.there->send(scene.other.conns.at(0), encoded(want));
  scene.world.run_for(Duration::seconds(1));
  ASSERT_TRUE(scene.here->death().has_value());
  EXPECT_NE(scene.here->death()->find("type 16"), std::string::npos) << *scene.here->death();
}

TEST(Legacy, dies_of_a_frame_of_a_wrong_length) {
  Scene scene(Behaviour::legacy);
  scene.world.run_for(Duration::seconds(1));
  auto ask = encoded(AskMessage{kAbsent});
  ask[0] = std::byte{34};
  scene.there->send(scene.other.conns.at(0), ask);
  scene.world.run_for(Duration::seconds(1));
  ASSERT_TRUE(scene.here->death().has_value());
  EXPECT_NE(scene.here->death()->find("length 34"), std::string::npos) << *scene.here->death();
}

TEST(Legacy, bears_the_hello_of_ours_and_an_empty_list) {
  Scene scene(Behaviour::legacy);
  scene.world.run_for(Duration::seconds(1));
  scene.there->send(scene.other.conns.at(0), encoded(our_hello()));
  scene.there->send(scene.other.conns.at(0), encoded(PeerMessage{}));
  scene.world.run_for(Duration::minutes(5));
  EXPECT_FALSE(scene.here->death().has_value());
  EXPECT_EQ(scene.other.ended, 0u) << "it never closes anything";
}

TEST(Legacy, dies_at_its_next_write_after_a_connection_that_it_dialled_was_closed) {
  Scene scene(Behaviour::legacy);
  scene.world.run_for(Duration::seconds(1));
  scene.there->close(scene.other.conns.at(0));
  scene.world.run_for(Duration::seconds(6));
  EXPECT_FALSE(scene.here->death().has_value()) << "not before it writes";
  scene.world.run_for(Duration::seconds(5));
  ASSERT_TRUE(scene.here->death().has_value());
  EXPECT_NE(scene.here->death()->find("SIGPIPE"), std::string::npos);
}

TEST(Legacy, lives_on_when_a_connection_that_was_dialled_to_it_is_closed) {
  Scene scene(Behaviour::legacy);
  const ConnId conn = scene.there->dial(host(1));
  scene.world.run_for(Duration::seconds(1));
  scene.there->close(conn);
  scene.world.run_for(Duration::minutes(5));
  EXPECT_FALSE(scene.here->death().has_value());
}

TEST(Legacy, ends_when_its_bootstrap_node_is_not_there) {
  const auto peer = make_raw_peer(Behaviour::legacy);
  FakeWorld world;
  FakeHost& own = world.add(*peer, facts_of(1, {host(2)}));
  world.run_for(Duration::seconds(1));
  ASSERT_TRUE(own.death().has_value());
  EXPECT_NE(own.death()->find(host(2).text()), std::string::npos);
}

TEST(Legacy, two_of_them_exchange_their_pieces) {
  Digest first;
  Digest second;
  const auto a = make_raw_peer(Behaviour::legacy);
  const auto b = make_raw_peer(Behaviour::legacy);
  FakeWorld world;
  FakeHost& at_a = world.add(*a, facts_of(1), [&](FakeHost& own) {
    first = own.hold(kBytes);
    second = sha256_zero_filled(std::vector<std::byte>{std::byte{9}}, kSmallPieces.bytes() - 1);
    own.tell_to_want(second);
  });
  RawFacts same_host = facts_of(1, {host(1)});
  same_host.endpoint.port = 9000;
  FakeHost& at_b = world.add(*b, same_host, [&](FakeHost& own) {
    EXPECT_EQ(own.hold({std::byte{9}}), second);
    own.tell_to_want(first);
  });
  world.run_for(Duration::minutes(1));
  EXPECT_TRUE(at_a.pieces().contains(second));
  EXPECT_TRUE(at_b.pieces().contains(first));
}

}  // namespace
}  // namespace p2p::sim::test
