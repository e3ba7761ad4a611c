// How streams of bytes travel: in order, through bandwidth and loss, within the queue's bound.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/unit/sim_net/party.h"

namespace p2p::sim::test::streams_test {
namespace {

constexpr uint64_t k8Mbit = 8'000'000;  // a byte a microsecond
constexpr Duration kLatency = Duration::milliseconds(20);

NetworkModel with_bandwidth(Bandwidth bandwidth) {
  NetworkModel model;
  model.bandwidth = bandwidth;
  return model;
}

Duration since(Time begin, Time end) { return end - begin; }

TEST(Streams, AByteTakesTheLatencyOfItsConnection) {
  Scene scene;
  const Line line(scene, scene.add(), scene.add());
  EXPECT_EQ(since(Time(), line.near.opened_at), kLatency * 2);
  const Time begin = scene.queue.now();
  line.dialler.send(line.near, 1);
  scene.run_for(Duration::seconds(1));
  EXPECT_EQ(line.far.received, 1U);
  EXPECT_EQ(since(begin, line.far.received_at), kLatency);
}

TEST(Streams, AMegabyteThroughAnUplinkOfAMegabyteASecondTakesASecond) {
  Scene scene(with_bandwidth({k8Mbit, 0}));
  const Line line(scene, scene.add(), scene.add());
  const Time begin = scene.queue.now();
  line.dialler.send(line.near, 1'000'000);
  scene.run_for(Duration::seconds(5));
  EXPECT_EQ(line.far.received, 1'000'000U);
  EXPECT_GE(since(begin, line.far.received_at), Duration::milliseconds(1019));
  EXPECT_LE(since(begin, line.far.received_at), Duration::milliseconds(1021));
}

TEST(Streams, ConnectionsShareAnUplinkEqually) {
  Scene scene(with_bandwidth({k8Mbit, 0}));
  auto& sender = scene.add();
  const Line one(scene, sender, scene.add());
  const Line two(scene, sender, scene.add());
  const Time begin = scene.queue.now();
  sender.send(one.near, 500'000);
  sender.send(two.near, 500'000);
  scene.run_for(Duration::milliseconds(520));
  EXPECT_NEAR(static_cast<double>(one.far.received), 250'000, 20'000);
  EXPECT_NEAR(static_cast<double>(two.far.received), 250'000, 20'000);
  scene.run_for(Duration::seconds(5));
  const Time end = std::max(one.far.received_at, two.far.received_at);
  EXPECT_GE(since(begin, end), Duration::milliseconds(1019));
  EXPECT_LE(since(begin, end), Duration::milliseconds(1021));
}

TEST(Streams, SendersShareADownlink) {
  Scene scene(with_bandwidth({0, k8Mbit}));
  auto& receiver = scene.add();
  const Line one(scene, scene.add(), receiver);
  const Line two(scene, scene.add(), receiver);
  const Time begin = scene.queue.now();
  one.dialler.send(one.near, 500'000);
  two.dialler.send(two.near, 500'000);
  scene.run_for(Duration::seconds(5));
  EXPECT_EQ(one.far.received + two.far.received, 1'000'000U);
  const Time end = std::max(one.far.received_at, two.far.received_at);
  EXPECT_GE(since(begin, end), Duration::milliseconds(1019));
  EXPECT_LE(since(begin, end), Duration::milliseconds(1100));
  EXPECT_NEAR(static_cast<double>((one.far.received_at - two.far.received_at).count_ms()), 0, 300);
}

TEST(Streams, ANodesOwnBandwidthCountsInsteadOfTheNetworks) {
  Scene scene(with_bandwidth({k8Mbit, k8Mbit}));
  Attachment fast = scene.next_attachment();
  fast.bandwidth = Bandwidth{10 * k8Mbit, 0};
  auto& sender = scene.add(fast);
  Attachment receiver = scene.next_attachment();
  receiver.bandwidth = Bandwidth{};
  const Line line(scene, sender, scene.add(receiver));
  const Time begin = scene.queue.now();
  sender.send(line.near, 1'000'000);
  scene.run_for(Duration::seconds(5));
  EXPECT_EQ(line.far.received, 1'000'000U);
  EXPECT_LT(since(begin, line.far.received_at), Duration::milliseconds(300));
}

TEST(Streams, NodesOfOneHostSpeakWithoutTheirLinks) {
  Scene scene(with_bandwidth({1000, 1000}));
  auto& one = scene.add();
  Attachment beside = scene.next_attachment();
  beside.endpoint = {one.endpoint().address, 8101};
  const Line line(scene, scene.add(beside), one);
  line.dialler.send(line.near, 1'000'000);
  scene.run_for(Duration::milliseconds(100));
  EXPECT_EQ(line.far.received, 1'000'000U);
}

TEST(Streams, LossDelaysAndLosesNothing) {
  NetworkModel model;
  model.loss = {Probability::kOne / 20};
  Scene scene(model);
  const Line line(scene, scene.add(), scene.add());
  const Time begin = scene.queue.now();
  line.dialler.send(line.near, 500'000);
  scene.run_for(Duration::minutes(10));
  EXPECT_EQ(line.far.received, 500'000U);
  EXPECT_TRUE(line.far.in_order);
  EXPECT_GE(since(begin, line.far.received_at), Duration::milliseconds(220));
}

TEST(Streams, ALostSynIsSentAgain) {
  NetworkModel model;
  model.loss = {Probability::kOne / 2};
  Scene scene(model);
  auto& dialler = scene.add();
  auto& listener = scene.add();
  size_t late = 0;
  for (int i = 0; i < 20; ++i) {
    const Time begin = scene.queue.now();
    const auto& conn = dialler.dial(listener.endpoint());
    scene.run_for(Duration::seconds(200));
    ASSERT_TRUE(conn.open || conn.over == NetError::timed_out);
    if (since(begin, conn.opened_at) >= Duration::seconds(1)) ++late;
  }
  EXPECT_GT(late, 5U);
}

TEST(Streams, WhoIsNotReadFromHoldsAQueueFullAndNoMore) {
  for (const Chunks chunks : {Chunks::whole, Chunks::segments, Chunks::adversarial}) {
    NetworkModel model;
    model.chunks = chunks;
    model.queue = 100'000;
    Scene scene(model);
    const Line line(scene, scene.add(), scene.add());
    line.listener.read(line.far, false);
    line.dialler.send(line.near, 1'000'000);
    scene.run_for(Duration::minutes(1));
    EXPECT_LE(line.near.sent, 100'000U);
    EXPECT_GT(line.near.sent, 75'000U);
    line.listener.read(line.far, true);
    scene.run_for(Duration::minutes(1));
    EXPECT_EQ(line.far.received, 1'000'000U);
  }
}

TEST(Streams, WhenALinkGetsShorterNothingOvertakes) {
  Scene scene;
  const Line line(scene, scene.add(), scene.add());
  LinkChange slow;
  slow.latency = LatencyLaw{LatencyLaw::Kind::fixed, Duration::milliseconds(500), {}, {}};
  const uint64_t change = scene.network.add_link_change({line.dialler.node()}, slow);
  const Time begin = scene.queue.now();
  line.dialler.send(line.near, 1000);
  scene.run_for(Duration::milliseconds(100));
  scene.network.remove_link_change(change);
  line.dialler.send(line.near, 1000);
  scene.run_for(Duration::milliseconds(399));
  EXPECT_EQ(line.far.received, 0U);
  scene.run_for(Duration::milliseconds(1));
  EXPECT_EQ(line.far.received, 2000U);
  EXPECT_TRUE(line.far.in_order);
  EXPECT_EQ(since(begin, line.far.received_at), Duration::milliseconds(500));
}

RC_GTEST_PROP(StreamsProperty, every_byte_arrives_in_order_and_the_queue_is_never_exceeded, ()) {
  NetworkModel model;
  model.latency = {LatencyLaw::Kind::exponential,
                   Duration::milliseconds(1),
                   {},
                   Duration::milliseconds(*rc::gen::inRange(1, 200))};
  model.jitter = Duration::milliseconds(*rc::gen::inRange(0, 50));
  model.bandwidth = {*rc::gen::element<uint64_t>(0, 1'000'000, k8Mbit),
                     *rc::gen::element<uint64_t>(0, 1'000'000, k8Mbit)};
  model.queue = *rc::gen::inRange<uint64_t>(1, 100'000);
  model.chunks = *rc::gen::element(Chunks::whole, Chunks::segments, Chunks::adversarial);
  model.loss = {*rc::gen::element<uint64_t>(0, Probability::kOne / 100, Probability::kOne / 10)};
  Scene scene(model, *rc::gen::arbitrary<uint64_t>());
  auto& one = scene.add();
  auto& two = scene.add();
  const Line line(scene, one, two);
  // A multiple of the queue, so that small queues don't take for ever.
  const uint64_t most = std::min<uint64_t>(model.queue * 20, 300'000);
  const auto there = *rc::gen::inRange<uint64_t>(0, most + 1);
  const auto back = *rc::gen::inRange<uint64_t>(0, most + 1);
  one.send(line.near, there);
  two.send(line.far, back);
  while (line.far.received < there || line.near.received < back) {
    RC_ASSERT(scene.step());
    RC_ASSERT(line.near.sent - line.far.received <= model.queue);
    RC_ASSERT(line.far.sent - line.near.received <= model.queue);
  }
  one.close(line.near);
  scene.run_for(Duration::minutes(10));
  RC_ASSERT(line.far.over == NetError::end_of_stream);
  RC_ASSERT(line.far.received == there && line.near.received == back);
  RC_ASSERT(line.far.in_order && line.near.in_order);
}

}  // namespace
}  // namespace p2p::sim::test::streams_test
