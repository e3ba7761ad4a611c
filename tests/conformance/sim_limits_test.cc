// What only the simulated world has: hosts that don't answer or vanish, and slots that are used
// again.
#include <gtest/gtest.h>

#include <optional>

#include "tests/conformance/sim_net.h"
#include "tests/conformance/world_fixture.h"

namespace p2p::conformance {
namespace {

constexpr Duration kDialGivesUp = Duration::seconds(127);
constexpr Duration kGivesUp = Duration::seconds(924);

class SimWorld : public WorldContract<SimNet> {
 protected:
  Node& add_hidden() {
    sim::Attachment attachment = net_.next_attachment();
    attachment.inbound = false;
    return net_.add_node(attachment);
  }
  void run_for(Duration duration) {
    const Time end = net_.queue().now() + duration;
    while (net_.queue().now() < end) net_.step();
  }
};

TEST_F(SimWorld, ADialThatGetsNoAnswerTimesOutAsTheKernelsDoes) {
  auto& dialler = net_.add_node();
  auto& hidden = add_hidden();
  const Time begin = dialler.now();
  const ConnId conn = dialler.engine.dial(hidden.endpoint);
  ASSERT_TRUE(run_until([&] { return dialler.engine.link(conn).dial_failed.has_value(); }));
  EXPECT_EQ(dialler.engine.link(conn).dial_failed, NetError::timed_out);
  EXPECT_EQ(dialler.now() - begin, kDialGivesUp);
  EXPECT_TRUE(hidden.engine.accepted().empty());
  EXPECT_EQ(net_.connections(), 0U);
}

TEST_F(SimWorld, ADialOfACrashedHostTimesOut) {
  auto& dialler = net_.add_node();
  auto& crashed = net_.add_node();
  net_.network().crash(crashed.index);
  const ConnId conn = dialler.engine.dial(crashed.endpoint);
  ASSERT_TRUE(run_until([&] { return dialler.engine.link(conn).dial_failed.has_value(); }));
  EXPECT_EQ(dialler.engine.link(conn).dial_failed, NetError::timed_out);
}

TEST_F(SimWorld, AnUnansweredDialKeepsNoDeadlineAwayAndMayBeCalledOff) {
  auto& dialler = net_.add_node();
  const ConnId conn = dialler.engine.dial(add_hidden().endpoint);
  dialler.engine.deadline = dialler.now() + Duration::seconds(10);
  ASSERT_TRUE(run_until([&] { return !dialler.engine.deadlines_met().empty(); }));
  dialler.engine.close(conn);
  run_for(kDialGivesUp * 2);
  EXPECT_EQ(dialler.engine.events_after_close(), 0U);
  EXPECT_TRUE(dialler.engine.events_of<ConnectFailed>().empty());
  EXPECT_EQ(net_.connections(), 0U);
}

TEST_F(SimWorld, WhoWritesToAHostThatVanishedIsToldWhenTcpGivesUp) {
  const auto pair = connect();
  net_.network().crash(pair.listener.index);
  run_for(Duration::seconds(100));
  EXPECT_TRUE(pair.near_link().ends.empty());
  pair.dialler.engine.send(pair.near, "is anybody there?");
  run_for(kGivesUp - Duration::seconds(1));
  EXPECT_TRUE(pair.near_link().ends.empty());
  run_for(Duration::seconds(2));
  EXPECT_EQ(pair.near_link().ends, std::vector{NetError::timed_out});
}

TEST_F(SimWorld, AHostThatIsBackResetsWhatItNoLongerKnows) {
  const auto pair = connect();
  net_.network().crash(pair.listener.index);
  net_.network().recover(pair.listener.index);
  run_for(Duration::seconds(100));
  EXPECT_TRUE(pair.near_link().ends.empty());
  pair.dialler.engine.send(pair.near, "still there?");
  ASSERT_TRUE(run_until([&] { return !pair.near_link().ends.empty(); }));
  EXPECT_EQ(pair.near_link().ends, std::vector{NetError::reset});
}

TEST_F(SimWorld, ConnectionsInARowTakeNoMoreRoomThanOne) {
  auto& dialler = net_.add_node();
  auto& listener = net_.add_node();
  std::optional<size_t> queued;
  for (int i = 0; i < 300; ++i) {
    const auto pair = connect(dialler, listener);
    dialler.engine.send(pair.near, "a word");
    ASSERT_TRUE(run_until([&] { return pair.far_link().in == "a word"; }));
    dialler.engine.close(pair.near);
    listener.engine.close(pair.far);
    run_for(Duration::seconds(1));
    if (!queued) queued = net_.queue().size();
  }
  EXPECT_EQ(net_.network().end_slots(), 2U);
  EXPECT_EQ(net_.queue().size(), *queued);
}

// A clock that drifts is asked for its own time.
TEST(SimWorldClock, ADeadlineIsMetByTheNodesOwnClockToTheNanosecond) {
  SimNet net({}, true);
  for (int i = 0; i < 4; ++i) {
    auto& node = net.add_node();
    const Time due = node.now() + Duration::seconds(100);
    node.engine.deadline = due;
    while (node.engine.deadlines_met().empty()) net.step();
    EXPECT_GE(node.engine.deadlines_met().front(), due);
    EXPECT_LE(node.engine.deadlines_met().front() - due, Duration::nanoseconds(2));
  }
}

}  // namespace
}  // namespace p2p::conformance
