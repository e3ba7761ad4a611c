// Hosts and dials: who answers, who refuses, who is silent; what is left of a connection.
#include <gtest/gtest.h>

#include "tests/unit/sim_net/party.h"

namespace p2p::sim::test::hosts_test {
namespace {

constexpr Duration kLatency = Duration::milliseconds(20);
constexpr Duration kLocalRoundTrip = Duration::microseconds(100);
// Knocks after 0, 1, 3, 7, 15, 31 and 63 s, and then as long again.
constexpr Duration kDialGivesUp = Duration::seconds(127);

struct Hosts : testing::Test {
  Duration since_begin(Time end) const { return end - Time(); }
  Party::Conn& dial(Party& from, const Endpoint& to) {
    Party::Conn& conn = from.dial(to);
    scene.run_for(Duration::minutes(5));
    return conn;
  }
  static Endpoint port_of(const Party& party, uint16_t port) {
    return {party.endpoint().address, port};
  }

  Scene scene;
  Party& one = scene.add();
  Party& two = scene.add();
};

TEST_F(Hosts, APortWithoutAListenerRefusesAfterARoundTrip) {
  const auto& conn = dial(one, port_of(two, 1));
  EXPECT_EQ(conn.over, NetError::refused);
  EXPECT_EQ(since_begin(conn.over_at), kLatency * 2);
}

TEST_F(Hosts, AProcessThatIsNotRunningRefuses) {
  scene.network.set_station(two.node(), nullptr);
  EXPECT_EQ(dial(one, two.endpoint()).over, NetError::refused);
}

TEST_F(Hosts, AnAddressThatNobodyHasIsSilent) {
  const auto& conn = dial(one, *Endpoint::parse("192.0.2.1:8100"));
  EXPECT_EQ(conn.over, NetError::timed_out);
  EXPECT_EQ(since_begin(conn.over_at), kDialGivesUp);
}

TEST_F(Hosts, ACrashedHostIsSilentOnEveryPort) {
  scene.network.crash(two.node());
  const auto& conn = dial(one, two.endpoint());
  EXPECT_EQ(conn.over, NetError::timed_out);
  EXPECT_EQ(since_begin(conn.over_at), kDialGivesUp);
  EXPECT_EQ(dial(one, port_of(two, 1)).over, NetError::timed_out);
  scene.network.recover(two.node());
  EXPECT_TRUE(dial(one, two.endpoint()).open);
}

TEST_F(Hosts, AHostCutOffDoesNotRefuseEither) {
  scene.network.blockades().partition({{one.node()}, {two.node()}}, 2, false);
  EXPECT_EQ(dial(one, port_of(two, 1)).over, NetError::timed_out);
}

TEST_F(Hosts, BehindANatOneDialsOutAndIsNotDialled) {
  Attachment attachment = scene.next_attachment();
  attachment.inbound = false;
  auto& hidden = scene.add(attachment);
  EXPECT_EQ(dial(one, hidden.endpoint()).over, NetError::timed_out);
  EXPECT_EQ(dial(one, port_of(hidden, 1)).over, NetError::timed_out);
  EXPECT_TRUE(dial(hidden, one.endpoint()).open);
  EXPECT_TRUE(dial(hidden, hidden.endpoint()).open);
}

TEST_F(Hosts, ALoopbackAddressIsTheDiallersOwnHost) {
  const auto own = dial(one, {Address::loopback(), 8100});
  EXPECT_TRUE(own.open);
  EXPECT_EQ(since_begin(own.opened_at), kLocalRoundTrip);
  EXPECT_EQ(one.accepted_count(), 1U);
  EXPECT_EQ(own.local.address, Address::loopback());
  EXPECT_EQ(dial(one, {Address::loopback(), 1}).over, NetError::refused);
}

TEST_F(Hosts, BothEndsAgreeOnTheirEndpoints) {
  const Line line(scene, one, two);
  EXPECT_EQ(line.far.local, two.endpoint());
  EXPECT_EQ(line.near.local.address, one.endpoint().address);
  EXPECT_EQ(line.far.remote, line.near.local);
  EXPECT_EQ(scene.network.peer_of(line.near.end), line.far.end);
  EXPECT_EQ(scene.network.connection_of(line.near.end), scene.network.connection_of(line.far.end));
}

TEST_F(Hosts, ManyConnectionsInARowUseTheSameSlots) {
  for (uint32_t i = 0; i < 1000; ++i) {
    const Line line(scene, one, two);
    EXPECT_EQ(line.near.end, (EndRef{0, i}));
    one.close(line.near);
    two.close(line.far);
    EXPECT_FALSE(scene.network.exists(line.near.end));
  }
  EXPECT_EQ(scene.network.end_slots(), 2U);
  EXPECT_FALSE(scene.network.end_in(0));
  scene.run_for(Duration::minutes(30));
  EXPECT_EQ(scene.queue.size(), 0U);
}

// Tasks of the first connection are still under way when the second takes its slot.
TEST_F(Hosts, WhatIsUnderWayDoesNotReachTheNextConnectionInItsSlot) {
  const Line first(scene, one, two);
  one.send(first.near, 1000);
  scene.run_for(Duration::milliseconds(1));
  one.close(first.near);
  two.close(first.far);
  auto& second = one.dial(two.endpoint());
  EXPECT_EQ(second.end.index, first.near.end.index);
  scene.run_for(Duration::seconds(10));
  EXPECT_TRUE(second.open);
  EXPECT_EQ(two.accepted(1).received, 0U);
  EXPECT_FALSE(two.accepted(1).over);
}

TEST_F(Hosts, AFailedDialLeavesNothing) {
  dial(one, port_of(two, 1));
  dial(one, *Endpoint::parse("192.0.2.1:8100"));
  EXPECT_FALSE(scene.network.end_in(0));
  EXPECT_EQ(scene.network.end_slots(), 2U);
}

TEST_F(Hosts, AProcessThatEndsClosesWhatItHas) {
  const Line idle(scene, one, two);
  const Line unread(scene, one, two);
  two.read(unread.far, false);
  one.send(unread.near, 10);
  scene.run_for(Duration::seconds(1));
  scene.network.close_all(two.node());
  scene.run_for(Duration::seconds(1));
  EXPECT_EQ(idle.near.over, NetError::end_of_stream);
  EXPECT_EQ(unread.near.over, NetError::reset);
}

TEST_F(Hosts, AResetOfTheScenarioIsSeenAtBothEndsAndByNobodyElse) {
  auto& three = scene.add();
  const Line hit(scene, one, two);
  const Line spared(scene, one, three);
  scene.network.reset_connections({two.node()}, {one.node()});
  scene.run_for(Duration::seconds(1));
  EXPECT_EQ(hit.near.over, NetError::reset);
  EXPECT_EQ(hit.far.over, NetError::reset);
  EXPECT_FALSE(spared.near.over);
  scene.network.reset_connections({one.node()}, {});
  scene.run_for(Duration::seconds(1));
  EXPECT_EQ(spared.near.over, NetError::reset);
  EXPECT_EQ(spared.far.over, NetError::reset);
}

TEST_F(Hosts, AResetStaysBehindTheBytesThatLeftBeforeIt) {
  const Line line(scene, one, two);
  one.read(line.near, false);
  two.send(line.far, 1);
  scene.run_for(Duration::seconds(1));
  LinkChange slow;
  slow.latency = LatencyLaw{LatencyLaw::Kind::fixed, Duration::seconds(1), {}, {}};
  const uint64_t change = scene.network.add_link_change({one.node()}, slow);
  one.send(line.near, 1000);
  scene.run_for(Duration::milliseconds(1));
  scene.network.remove_link_change(change);
  one.close(line.near);  // with a byte that it did not read
  scene.run_for(Duration::seconds(10));
  EXPECT_EQ(line.far.received, 1000U);
  EXPECT_EQ(line.far.over, NetError::reset);
}

TEST(Determinism, TheSameSeedIsTheSameRunAndAnotherIsNot) {
  NetworkModel model;
  model.latency = {
      LatencyLaw::Kind::exponential, Duration::milliseconds(1), {}, Duration::milliseconds(50)};
  const auto opened_at = [&](uint64_t seed) {
    Scene scene(model, seed);
    return Line(scene, scene.add(), scene.add()).near.opened_at;
  };
  EXPECT_EQ(opened_at(1), opened_at(1));
  EXPECT_NE(opened_at(1), opened_at(2));
}

// What a node draws depends on its own name and dials alone.
TEST(Determinism, AnotherNodesDialsChangeNobodysLatency) {
  NetworkModel model;
  model.latency = {
      LatencyLaw::Kind::exponential, Duration::milliseconds(1), {}, Duration::milliseconds(50)};
  const auto opened_after = [&](bool other_dials) {
    Scene scene(model);
    auto& one = scene.add();
    auto& two = scene.add();
    auto& three = scene.add();
    if (other_dials) Line(scene, three, two);
    const Time begin = scene.queue.now();
    return Line(scene, one, two).near.opened_at - begin;
  };
  EXPECT_EQ(opened_after(false), opened_after(true));
}

}  // namespace
}  // namespace p2p::sim::test::hosts_test
