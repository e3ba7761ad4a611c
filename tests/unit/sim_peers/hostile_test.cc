// What the hostile behaviours do, as a scripted counterpart sees it.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engine/overlay/place.h"
#include "io_sim/scenario/names.h"
#include "tests/unit/sim_peers/fake_world.h"

namespace p2p::sim::test::hostile_test {
namespace {

constexpr Behaviour kHostile[] = {
    Behaviour::silent,      Behaviour::garbage,     Behaviour::slow_loris,
    Behaviour::wrong_bytes, Behaviour::never_gives, Behaviour::pex_poison,
    Behaviour::bad_frames,  Behaviour::flood,       Behaviour::address_flood,
    Behaviour::victim_liar, Behaviour::false_places};
constexpr Behaviour kSayHelloFirst[] = {
    Behaviour::wrong_bytes,   Behaviour::never_gives, Behaviour::pex_poison,  Behaviour::flood,
    Behaviour::address_flood, Behaviour::victim_liar, Behaviour::false_places};

std::string behaviour_of_test(const ::testing::TestParamInfo<Behaviour>& test) {
  return std::string(name_of(behaviour_names(), test.param));
}

class EveryHostile : public ::testing::TestWithParam<Behaviour> {};

TEST_P(EveryHostile, dials_its_bootstrap_node_again_after_a_pause_when_it_is_closed) {
  Scene scene(GetParam());
  scene.other.closes_at_once = true;
  scene.world.run_for(Duration::minutes(5));
  const auto& dials = scene.here->dials();
  const size_t at_once = GetParam() == Behaviour::slow_loris ? 20 : 1;
  ASSERT_GE(dials.size(), 4 * at_once);
  EXPECT_LE(dials.size(), 5 * 60 / 2 * at_once);
  for (size_t i = 0; i < dials.size(); ++i) {
    EXPECT_EQ(dials[i].second, host(2));
    if (i < at_once) {
      EXPECT_EQ(dials[i].first, dials[0].first);
    } else {
      EXPECT_GE(dials[i].first - dials[i - at_once].first, Duration::seconds(2));
    }
  }
}

TEST_P(EveryHostile, keeps_few_timers_and_bounded_memory_when_nobody_reads_what_it_sends) {
  Scene scene(GetParam());
  Counterpart more[8];
  for (auto& counterpart : more) {
    FakeHost& at = scene.world.add(counterpart, facts_of(10));
    at.set_reading(at.dial(host(1)), false);
  }
  scene.world.run_for(Duration::milliseconds(5));
  scene.world.run_for(Duration::milliseconds(10));
  for (const ConnId conn : scene.other.conns) scene.there->set_reading(conn, false);
  const size_t timers = scene.here->timers();
  scene.world.run_for(Duration::minutes(10));
  EXPECT_LE(scene.here->timers() - timers, 10u * 2000);
  EXPECT_LE(scene.here->unsent_max(), size_t{512} << 10);
}

TEST_P(EveryHostile, does_the_same_with_the_same_seed_and_something_else_with_another) {
  const auto run = [](uint64_t seed) {
    Scene scene(GetParam(), seed);
    scene.world.run_for(Duration::seconds(40));
    scene.there->close(scene.other.conns.at(0));
    scene.world.run_for(Duration::minutes(2));
    std::vector<Time> times = scene.other.opened_at;
    return std::pair(scene.other.bytes, times);
  };
  EXPECT_EQ(run(5), run(5));
  EXPECT_NE(run(5), run(6));
}

INSTANTIATE_TEST_SUITE_P(Hostile, EveryHostile, ::testing::ValuesIn(kHostile), behaviour_of_test);

class EverySpeaker : public ::testing::TestWithParam<Behaviour> {};

TEST_P(EverySpeaker, says_a_correct_hello_with_its_endpoint_first) {
  Scene scene(GetParam());
  scene.world.run_for(Duration::milliseconds(30));
  const auto lists = scene.other.heard<PeerMessage>();
  ASSERT_FALSE(lists.empty());
  const auto hello = lists[0].hello();
  ASSERT_TRUE(hello.has_value());
  EXPECT_EQ(hello->capabilities, HelloTrailer::kExtension | HelloTrailer::kListening);
  EXPECT_EQ(hello->piece_size_log2, kSmallPieces.log2());
  EXPECT_EQ(lists[0].records, std::vector<Endpoint>{host(1)});
}

TEST_P(EverySpeaker, does_not_claim_to_listen_behind_a_nat) {
  Scene scene(GetParam(), 1, [](FakeHost& own) { own.facts_to_change().inbound = false; });
  scene.world.run_for(Duration::milliseconds(30));
  const auto lists = scene.other.heard<PeerMessage>();
  ASSERT_FALSE(lists.empty());
  EXPECT_EQ(lists[0].hello()->capabilities, HelloTrailer::kExtension);
  EXPECT_TRUE(lists[0].records.empty());
}

TEST_P(EverySpeaker, says_something_every_thirty_seconds_in_frames_that_are_right) {
  Scene scene(GetParam());
  scene.world.run_for(Duration::minutes(3));
  ASSERT_GE(scene.other.frames.size(), 6u);
  EXPECT_EQ(scene.other.faults(), 0u);
  Time before = scene.other.opened_at[0];
  for (const HeardFrame& frame : scene.other.frames) {
    EXPECT_LE(frame.at - before, Duration::seconds(30));
    before = frame.at;
  }
  EXPECT_LE(scene.world.now() - before, Duration::seconds(30));
}

TEST_P(EverySpeaker, dials_some_of_those_it_hears_of) {
  Scene scene(GetParam());
  Counterpart third;
  scene.world.add(third, facts_of(3));
  scene.world.run_for(Duration::milliseconds(30));
  PeerMessage list = our_hello();
  for (uint8_t n = 3; n < 40; ++n) list.records.push_back(host(n));
  scene.there->set_reading(scene.other.conns.at(0), true);
  scene.there->send(scene.other.conns.at(0), encoded(list));
  scene.world.run_for(Duration::seconds(1));
  if (GetParam() == Behaviour::flood && third.conns.empty()) return;  // it may not read
  EXPECT_EQ(third.conns.size(), 1u);
  EXPECT_LE(scene.here->dials().size(), 10u);
}

INSTANTIATE_TEST_SUITE_P(Speakers, EverySpeaker, ::testing::ValuesIn(kSayHelloFirst),
                         behaviour_of_test);

// Greets the peer, wants and asks for `count` pieces.
std::vector<Digest> want_and_ask(Scene& scene, size_t count) {
  scene.world.run_for(Duration::milliseconds(30));
  const ConnId conn = scene.other.conns.at(0);
  std::vector<Digest> digests;
  for (size_t i = 0; i < count; ++i) digests.push_back(sha256(std::vector<std::byte>(i + 1)));
  std::vector<std::byte> bytes = encoded(our_hello());
  append_digest_list(bytes, FrameType::want, digests);
  for (const Digest& digest : digests) append_frame(bytes, AskMessage{digest});
  scene.there->send(conn, bytes);
  scene.world.run_for(Duration::seconds(10));
  return digests;
}

TEST(WrongBytes, says_have_to_every_want_and_gives_bytes_that_do_not_match) {
  Scene scene(Behaviour::wrong_bytes);
  const auto digests = want_and_ask(scene, 40);
  const auto answers = scene.other.heard<DigestListMessage>();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0], (DigestListMessage{FrameType::have, digests}));
  const auto gives = scene.other.payloads();
  ASSERT_EQ(gives.size(), digests.size());
  std::set<std::vector<std::byte>> different;
  for (size_t i = 0; i < gives.size(); ++i) {
    const auto& end = std::get<PayloadEnd>(gives[i].item);
    EXPECT_EQ(end.digest, digests[i]);
    EXPECT_NE(sha256_zero_filled(gives[i].payload, kSmallPieces.bytes() - end.length), end.digest);
    different.insert(gives[i].payload);
  }
  EXPECT_EQ(different.size(), gives.size());
  EXPECT_EQ(scene.other.faults(), 0u);
}

TEST(WrongBytes, makes_no_more_than_one_give_ahead_of_a_peer_that_does_not_read) {
  Scene scene(Behaviour::wrong_bytes);
  scene.world.run_for(Duration::milliseconds(30));
  const ConnId conn = scene.other.conns.at(0);
  scene.there->set_reading(conn, false);
  std::vector<std::byte> asks = encoded(our_hello());
  for (int i = 0; i < 2000; ++i) append_frame(asks, AskMessage{sha256({})});
  scene.there->send(conn, asks);
  scene.world.run_for(Duration::minutes(1));
  EXPECT_LE(scene.here->unsent_max(), 2 * kSmallPieces.bytes() + 2 * kGiveHeaderSize);
  scene.there->set_reading(conn, true);
  scene.world.run_for(Duration::minutes(1));
  EXPECT_EQ(scene.other.payloads().size(), 1025u) << "one that waited, and those owed";
}

TEST(NeverGives, says_have_to_every_want_and_answers_no_ask) {
  Scene scene(Behaviour::never_gives);
  const auto digests = want_and_ask(scene, 40);
  const auto answers = scene.other.heard<DigestListMessage>();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0], (DigestListMessage{FrameType::have, digests}));
  scene.world.run_for(Duration::minutes(5));
  EXPECT_TRUE(scene.other.payloads().empty());
  EXPECT_EQ(scene.other.ended, 0u);
}

TEST(PexPoison, sends_fifty_records_a_second_that_are_made_up_or_have_wrong_ports) {
  Scene scene(Behaviour::pex_poison);
  scene.world.run_for(Duration::milliseconds(30));
  PeerMessage list = our_hello();
  list.records.push_back(host(7));
  scene.there->send(scene.other.conns.at(0), encoded(list));
  scene.world.run_for(Duration::seconds(20));
  const auto lists = scene.other.heard<PeerMessage>();
  ASSERT_GE(lists.size(), 20u);
  std::set<Endpoint> fresh;
  std::set<Address> real;
  std::set<std::byte> networks;
  for (size_t i = 1; i < lists.size(); ++i) {
    EXPECT_EQ(lists[i].records.size(), 50u);
    for (const Endpoint& record : lists[i].records) {
      EXPECT_TRUE(record.address.is_public());
      EXPECT_NE(record.port, 0);
      const bool host_is_real = record.address.bytes[0] == std::byte{0x20};
      if (host_is_real) {
        real.insert(record.address);
      } else {
        fresh.insert(record);
        networks.insert(record.address.bytes[record.address.is_v4_mapped() ? 12 : 0]);
      }
    }
  }
  EXPECT_GE(fresh.size(), (lists.size() - 1) * 39);
  EXPECT_EQ(networks.size(), 8u);
  EXPECT_EQ(real, (std::set<Address>{host(1).address, host(2).address, host(7).address}));
}

// The peer's host is 1, the Counterpart's is 2.
Scene naming_scene(Behaviour behaviour, std::vector<Endpoint> named) {
  std::sort(named.begin(), named.end());
  return Scene(behaviour, 1, [&named](FakeHost& at) {
    at.facts_to_change().named = std::make_shared<const std::vector<Endpoint>>(std::move(named));
  });
}

// What its lists named but itself.
std::set<Endpoint> named_to(const Counterpart& other) {
  std::set<Endpoint> named;
  for (const PeerMessage& list : other.heard<PeerMessage>()) {
    if (list.hello()) continue;
    EXPECT_EQ(list.records.size(), 50u);
    named.insert(list.records.begin(), list.records.end());
  }
  return named;
}

TEST(AddressFlood, names_its_accomplices_every_ten_seconds_and_dials_none_of_them) {
  const std::vector<Endpoint> accomplices{host(5), host(6), host(7)};
  Scene scene = naming_scene(Behaviour::address_flood, accomplices);
  scene.world.run_for(Duration::milliseconds(30));
  PeerMessage list = our_hello();
  list.records = {host(6), host(9)};
  scene.there->send(scene.other.conns.at(0), encoded(list));
  scene.world.run_for(Duration::minutes(2));
  EXPECT_EQ(named_to(scene.other), std::set<Endpoint>(accomplices.begin(), accomplices.end()));
  EXPECT_EQ(scene.other.heard<PeerMessage>().size(), 1u + 12u);
  std::set<Endpoint> dialled;
  for (const auto& [when, to] : scene.here->dials()) dialled.insert(to);
  EXPECT_EQ(dialled, (std::set<Endpoint>{host(2), host(9)}));
}

TEST(VictimLiar, names_one_host_with_ports_that_are_ever_new) {
  Scene scene = naming_scene(Behaviour::victim_liar, {host(5)});
  scene.world.run_for(Duration::minutes(10));
  const auto named = named_to(scene.other);
  EXPECT_GE(named.size(), 2'500u);
  for (const Endpoint& record : named) {
    EXPECT_EQ(record.address, host(5).address);
    EXPECT_GE(record.port, 1024);
  }
}

TEST(SlowLoris, holds_twenty_connections_on_which_frames_come_a_byte_at_a_time) {
  Scene scene(Behaviour::slow_loris);
  scene.world.run_for(Duration::milliseconds(30));
  EXPECT_EQ(scene.other.conns.size(), 20u);
  const auto at_first = scene.other.bytes;
  size_t greeted = 0;
  std::set<uint64_t> nonces;
  for (const PeerMessage& list : scene.other.heard<PeerMessage>()) {
    nonces.insert(list.hello()->nonce);
    ++greeted;
  }
  EXPECT_GE(greeted, 3u);
  EXPECT_LE(greeted, 17u);
  EXPECT_EQ(nonces.size(), greeted) << "one nonce would make all but one a duplicate";
  const size_t frames = scene.other.frames.size();
  scene.world.run_for(Duration::seconds(50));
  for (const auto& [conn, bytes] : scene.other.bytes) {
    EXPECT_EQ(bytes.size(), at_first.at(conn).size() + 10);
  }
  EXPECT_LE(scene.other.frames.size() - frames, 20u - greeted) << "hellos, and no want";
  scene.world.run_for(Duration::minutes(20));
  EXPECT_EQ(scene.other.faults(), 0u) << "all of it is legitimate";
}

TEST(Silent, says_nothing_and_keeps_what_it_has) {
  Scene scene(Behaviour::silent);
  scene.there->dial(host(1));
  scene.world.run_for(Duration::minutes(10));
  EXPECT_EQ(scene.other.conns.size(), 2u);
  EXPECT_TRUE(scene.other.bytes.empty());
  EXPECT_EQ(scene.other.ended, 0u);
}

TEST(Garbage, sends_random_bytes_on_every_connection_at_64_KiB_a_second_at_most) {
  Scene scene(Behaviour::garbage);
  scene.there->dial(host(1));
  scene.world.run_for(Duration::seconds(30));
  ASSERT_EQ(scene.other.bytes.size(), 2u);
  for (const auto& [conn, bytes] : scene.other.bytes) {
    EXPECT_GE(bytes.size(), size_t{30} << 10);
    EXPECT_LE(bytes.size(), size_t{31 * 64} << 10);
    const std::set<std::byte> different(bytes.begin(), bytes.end());
    EXPECT_EQ(different.size(), 256u);
  }
}

TEST(BadFrames, sends_every_kind_of_wrong_frame_and_dials_again) {
  std::set<std::pair<int, uint32_t>> kinds;
  size_t hellos_late = 0;
  size_t gives = 0;
  size_t skipped = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Scene scene(Behaviour::bad_frames, seed);
    scene.world.run_for(Duration::milliseconds(30));
    const auto& frames = scene.other.frames;
    ASSERT_FALSE(frames.empty());
    const auto* first = std::get_if<Message>(&frames[0].item);
    ASSERT_NE(first, nullptr) << "it begins well";
    hellos_late += std::holds_alternative<PeerMessage>(*first) ? 0u : 1u;
    gives += scene.other.payloads().size();
    for (const HeardFrame& frame : frames) {
      if (const auto* fault = std::get_if<FrameFault>(&frame.item)) {
        kinds.insert({fault->type, fault->length});
      }
      skipped += std::holds_alternative<SkippedFrame>(frame.item) ? 1u : 0u;
    }
  }
  EXPECT_EQ(kinds.size(), 10u);
  EXPECT_TRUE(kinds.contains({1, 0xffff'ffff}));
  EXPECT_GT(hellos_late, 0u);
  EXPECT_GT(gives, 0u);
  EXPECT_GT(skipped, 0u);
}

TEST(FalsePlaces, answers_a_seek_with_its_nearest_accomplices_and_lists_nobody) {
  Scene scene(Behaviour::false_places);
  for (uint8_t n = 20; n < 40; ++n) {
    scene.here->facts_to_change().accomplices.push_back(host(n));
  }
  scene.world.run_for(Duration::milliseconds(30));
  const ConnId conn = scene.other.conns.at(0);
  scene.there->send(conn, encoded(our_hello()));
  const Digest id = sha256({});
  scene.there->send(conn, encoded(SeekMessage{id, SeekMessage::kListMe}));
  scene.there->send(conn, encoded(SeekMessage{id, 0}));
  scene.world.run_for(Duration::milliseconds(30));
  const auto founds = scene.other.heard<FoundMessage>();
  ASSERT_EQ(founds.size(), 2u);
  EXPECT_TRUE(founds[1].holders.empty());
  ASSERT_EQ(founds[1].nearest.size(), kFoundNearestMax);
  const auto nearer = [&](const Endpoint& a, const Endpoint& b) {
    return distance(id, place_of(a)) < distance(id, place_of(b));
  };
  EXPECT_TRUE(std::is_sorted(founds[1].nearest.begin(), founds[1].nearest.end(), nearer));
}

TEST(Flood, goes_beyond_every_limit_and_half_of_the_time_reads_no_answer) {
  size_t wants_most = 0;
  size_t asks_most = 0;
  size_t seeks = 0;
  size_t cancels = 0;
  size_t deaf = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Scene scene(Behaviour::flood, seed);
    scene.world.run_for(Duration::milliseconds(30));
    size_t wants = 0;
    for (const auto& list : scene.other.heard<DigestListMessage>()) {
      (list.type == FrameType::want ? wants : cancels) += list.digests.size();
    }
    wants_most = std::max(wants_most, wants);
    asks_most = std::max(asks_most, scene.other.heard<AskMessage>().size());
    seeks += scene.other.heard<SeekMessage>().size();
    EXPECT_EQ(scene.other.faults(), 0u);
    scene.there->send(scene.other.conns.at(0), encoded(our_hello()));
    scene.world.run_for(Duration::milliseconds(30));
    deaf += scene.there->unsent(scene.other.conns.at(0)) > 0 ? 1u : 0u;
  }
  EXPECT_GT(wants_most, 4096u);
  EXPECT_GT(asks_most, 1024u);
  EXPECT_GT(seeks, 0u);
  EXPECT_GT(cancels, 0u);
  EXPECT_GE(deaf, 4u);
  EXPECT_LE(deaf, 16u);
}

}  // namespace
}  // namespace p2p::sim::test::hostile_test
