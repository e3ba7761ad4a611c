// Partitions, clogs and hosts that vanish, as TCP shows them.
#include <gtest/gtest.h>

#include "tests/unit/sim_net/party.h"

namespace p2p::sim::test {
namespace {

constexpr Duration kLatency = Duration::milliseconds(20);
// A segment that gets no answer is sent again 0.2, 0.6, 1.4, 3.0, 6.2 ... s after the first time.
constexpr Duration kFifthTry = Duration::milliseconds(6200);
constexpr Duration kGiveUp = Duration::seconds(924);

struct CutOff : testing::Test {
  Blockades::Id partition(bool oneway = false) {
    return scene.network.blockades().partition({{one.node()}, {two.node()}}, 2, oneway);
  }
  void lift(Blockades::Id id, bool at_once = false) {
    scene.network.blockades().lift(id);
    scene.network.blockades_lifted(at_once);
  }
  Duration since_begin(Time end) const { return end - begin; }

  Scene scene;
  Party& one = scene.add();
  Party& two = scene.add();
  Line line{scene, one, two};
  Time begin = scene.queue.now();
};

TEST_F(CutOff, AfterAPartitionBytesComeWhenTcpTriesNext) {
  const auto cut = partition();
  one.send(line.near, 1000);
  scene.run_for(Duration::seconds(5));
  EXPECT_EQ(line.far.received, 0U);
  lift(cut);
  scene.run_for(Duration::seconds(60));
  EXPECT_EQ(line.far.received, 1000U);
  EXPECT_TRUE(line.far.in_order);
  EXPECT_EQ(since_begin(line.far.received_at), kFifthTry + kLatency);
}

TEST_F(CutOff, WhatWasSentBeforeAPartitionStillArrives) {
  one.send(line.near, 1000);
  scene.run_for(Duration::milliseconds(1));
  partition();
  scene.run_for(Duration::seconds(1));
  EXPECT_EQ(line.far.received, 1000U);
}

TEST_F(CutOff, OrderIsKeptAcrossAPartition) {
  const auto cut = partition();
  one.send(line.near, 1000);
  scene.run_for(Duration::seconds(5));
  lift(cut);
  // Behind what is still held.
  one.send(line.near, 100'000);
  scene.run_for(Duration::seconds(60));
  EXPECT_EQ(line.far.received, 101'000U);
  EXPECT_TRUE(line.far.in_order);
}

TEST_F(CutOff, AfterAClogBytesComeAtOnce) {
  const auto clog = scene.network.blockades().clog({one.node()}, {}, 2);
  one.send(line.near, 1000);
  two.send(line.far, 500);
  scene.run_for(Duration::seconds(5));
  EXPECT_EQ(line.far.received + line.near.received, 0U);
  lift(clog, true);
  scene.run_for(Duration::seconds(60));
  EXPECT_EQ(since_begin(line.far.received_at), Duration::seconds(5) + kLatency);
  EXPECT_EQ(since_begin(line.near.received_at), Duration::seconds(5) + kLatency);
}

TEST_F(CutOff, AnEndOfStreamIsHeldLikeBytes) {
  const auto cut = partition();
  one.close(line.near);
  scene.run_for(Duration::seconds(5));
  EXPECT_FALSE(line.far.over);
  lift(cut);
  scene.run_for(Duration::seconds(60));
  EXPECT_EQ(line.far.over, NetError::end_of_stream);
}

TEST_F(CutOff, AOnewayPartitionLetsTheOthersBytesThrough) {
  const auto cut = partition(true);
  one.send(line.near, 1000);
  two.send(line.far, 1000);
  scene.run_for(Duration::seconds(5));
  EXPECT_EQ(line.far.received, 0U);
  EXPECT_EQ(line.near.received, 1000U);
  lift(cut);
  scene.run_for(Duration::seconds(60));
  EXPECT_EQ(line.far.received, 1000U);
}

// Nothing is acknowledged, so no more than a window gets there.
TEST_F(CutOff, WhoseAcknowledgementsDoNotGetThroughSendsAWindowAndGivesUp) {
  const uint64_t window = NetworkModel().queue;
  partition(true);
  two.send(line.far, 10 * window);
  scene.run_for(Duration::minutes(10));
  EXPECT_LE(line.near.received, window);
  EXPECT_GT(line.near.received, window / 2);
  EXPECT_FALSE(line.far.over);
  scene.run_for(Duration::minutes(10));
  EXPECT_EQ(line.far.over, NetError::timed_out);
}

TEST_F(CutOff, AcknowledgementsThatGetThroughInTheEndLetItGoOn) {
  const uint64_t window = NetworkModel().queue;
  const auto cut = partition(true);
  two.send(line.far, 10 * window);
  scene.run_for(Duration::minutes(10));
  lift(cut);
  scene.run_for(Duration::minutes(20));
  EXPECT_EQ(line.near.received, 10 * window);
  EXPECT_FALSE(line.far.over);
}

TEST_F(CutOff, TcpGivesUpAfterAQuarterOfAnHour) {
  const auto cut = partition();
  one.send(line.near, 1000);
  scene.run_for(Duration::minutes(30));
  EXPECT_EQ(line.near.over, NetError::timed_out);
  EXPECT_EQ(since_begin(line.near.over_at), kGiveUp);
  EXPECT_FALSE(line.far.over);  // it has nothing to send, and hears nothing
  // It has given up for good: what it held is not sent any more, and who sends to it is reset.
  one.close(line.near);
  lift(cut);
  scene.run_for(Duration::minutes(30));
  EXPECT_EQ(line.far.received, 0U);
  two.send(line.far, 1);
  scene.run_for(Duration::seconds(1));
  EXPECT_EQ(line.far.over, NetError::reset);
}

TEST_F(CutOff, AnIdleConnectionOutlivesAPartitionOfAnHour) {
  const auto cut = partition();
  scene.run_for(Duration::minutes(60));
  lift(cut);
  one.send(line.near, 10);
  scene.run_for(Duration::seconds(1));
  EXPECT_EQ(line.far.received, 10U);
  EXPECT_FALSE(line.near.over);
}

TEST_F(CutOff, ADialAcrossAPartitionGoesThroughAtAKnockAfterIt) {
  const auto cut = partition();
  const auto& conn = one.dial(two.endpoint());
  scene.run_for(Duration::seconds(5));  // knocks at 0, 1, 3, 7 s
  lift(cut);
  scene.run_for(Duration::seconds(60));
  EXPECT_EQ(since_begin(conn.opened_at), Duration::seconds(7) + kLatency * 2);
}

TEST_F(CutOff, ACrashIsWithoutAWordUntilTheHostIsBackAndIsSentTo) {
  scene.network.crash(two.node());
  scene.run_for(Duration::minutes(10));
  EXPECT_FALSE(line.near.over);
  scene.network.recover(two.node());
  scene.run_for(Duration::minutes(10));
  EXPECT_FALSE(line.near.over);
  const Time sent = scene.queue.now();
  one.send(line.near, 1);
  scene.run_for(Duration::seconds(1));
  EXPECT_EQ(line.near.over, NetError::reset);
  EXPECT_EQ(line.near.over_at - sent, kLatency * 2);
}

TEST_F(CutOff, WhoSendsToACrashedHostGivesUp) {
  scene.network.crash(two.node());
  one.send(line.near, 1);
  scene.run_for(Duration::minutes(30));
  EXPECT_EQ(line.near.over, NetError::timed_out);
  EXPECT_EQ(since_begin(line.near.over_at), kGiveUp + kLatency);
}

TEST_F(CutOff, WhoSentToACrashedHostIsResetWhenItIsBackAndTcpTriesNext) {
  scene.network.crash(two.node());
  one.send(line.near, 1);
  scene.run_for(Duration::seconds(5));
  EXPECT_FALSE(line.near.over);
  scene.network.recover(two.node());
  scene.run_for(Duration::seconds(60));
  EXPECT_EQ(line.near.over, NetError::reset);
  EXPECT_EQ(since_begin(line.near.over_at), kFifthTry + kLatency * 2);
}

// Bytes that wait for an uplink, an end of stream, an answer to what comes: none of them.
TEST_F(CutOff, ACrashedHostSendsNothingMore) {
  LinkChange slow;
  slow.bandwidth = Bandwidth{8000, 0};  // 1,000 bytes a second
  scene.network.add_link_change({two.node()}, slow);
  two.send(line.far, 5000);
  scene.run_for(Duration::milliseconds(500));
  two.close(line.far);
  scene.network.crash(two.node());
  one.send(line.near, 1);
  scene.run_for(Duration::minutes(10));
  EXPECT_LT(line.near.received, 5000U);
  EXPECT_FALSE(line.near.over);
}

TEST_F(CutOff, TwoCrashedEndsAreForgotten) {
  scene.network.crash(one.node());
  EXPECT_TRUE(scene.network.exists(line.far.end));
  scene.network.crash(two.node());
  EXPECT_FALSE(scene.network.exists(line.far.end));
  EXPECT_FALSE(scene.network.exists(line.near.end));
}

}  // namespace
}  // namespace p2p::sim::test
