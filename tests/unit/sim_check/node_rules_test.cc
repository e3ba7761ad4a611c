// Rules about one node as a whole.
#include <gtest/gtest.h>

#include "tests/unit/sim_check/fake_view.h"

namespace p2p::sim {
namespace {

using test::FakeRun;

TEST(Bounds, the_book_stays_within_its_limit) {
  FakeRun run(1, {"bounds"});
  run.view.totals_of[0].book_entries = 1024;
  run.tell(0, AcceptStarved{});
  run.pass(1);
  EXPECT_EQ(run.broken(), "");
  run.view.totals_of[0].book_entries = 1025;
  run.pass(1);
  EXPECT_EQ(run.broken(), "") << "nothing has happened at the node";
  run.tell(0, AcceptStarved{});
  run.pass(1);
  EXPECT_EQ(run.broken(), "bounds");
  EXPECT_EQ(run.detail(),
            "peer[0]: it has 1025 entries in its address book, 1024 at most are allowed");
}

TEST(Bounds, receive_buffers_stay_within_the_budget_or_two_pieces) {
  FakeRun run(1, {"bounds"});
  run.view.nodes[0].config.limits.receive_budget_bytes = 1024;
  run.view.totals_of[0].receive_budget_used = 2U << 20;
  run.tell(0, AcceptStarved{});
  run.pass(1);
  EXPECT_EQ(run.broken(), "");
  run.view.totals_of[0].receive_budget_used = 3U << 20;
  run.tell(0, AcceptStarved{});
  run.pass(1);
  EXPECT_EQ(run.broken(), "bounds");
}

TEST(Bounds, accepted_connections_have_slots_and_closing_ones_need_none) {
  FakeRun run(5, {"bounds"});
  run.view.nodes[0].config.limits.accepted_neighbours_max = 2;
  run.view.nodes[0].config.limits.exchange_max = 1;
  run.greet(1, 0);
  run.greet(2, 0);
  run.greet(3, 0);
  run.pass(1);
  EXPECT_EQ(run.broken(), "");
  const auto fourth = run.greet(4, 0).acceptor;
  run.act(0, Notify{PeerGone{fourth.conn, fourth.remote}});
  run.pass(1);
  EXPECT_EQ(run.broken(), "") << "the engine has let go of it";
  run.greet(4, 0);
  run.pass(1);
  EXPECT_EQ(run.broken(), "") << "a guest, who may ask";
  run.pass(15);
  run.tell(0, AcceptStarved{});
  run.pass(1);
  EXPECT_EQ(run.broken(), "bounds");
}

TEST(Bounds, dials_under_way_are_few) {
  FakeRun run(1, {"bounds"});
  const Endpoint to{Address::v4(9, 9, 9, 9), 1};
  // 8, and for each of 4 look-ups 40 that it asks and 16 holders; and 32 that are kept of those.
  constexpr uint64_t kMost = 8 + 4 * (40 + 16) + 32;
  for (uint64_t i = 1; i <= kMost; ++i) run.act(0, Connect{ConnId::dialled(i), to});
  run.tell(0, AcceptStarved{});
  run.pass(1);
  EXPECT_EQ(run.broken(), "");
  run.tell(0, ConnectFailed{ConnId::dialled(1), NetError::refused});
  run.act(0, Connect{ConnId::dialled(kMost + 1), to});
  run.pass(1);
  EXPECT_EQ(run.broken(), "");
  run.act(0, Connect{ConnId::dialled(kMost + 2), to});
  run.tell(0, AcceptStarved{});
  run.pass(1);
  EXPECT_EQ(run.broken(), "bounds");
}

TEST(Bounds, every_node_is_looked_at_at_the_end) {
  FakeRun run(600, {"bounds"});
  run.view.totals_of[599].book_entries = 5000;
  run.tell(599, AcceptStarved{});
  run.rules().end_of_run();
  EXPECT_EQ(run.broken(), "bounds");
}

TEST(NoBusyLoop, a_thousand_wakes_a_second_are_borne) {
  FakeRun run(1, {"no_busy_loop"});
  for (int i = 0; i < 5000; ++i) {
    run.wait(Duration::milliseconds(1));
    run.tell(0, DeadlineReached{});
  }
  EXPECT_EQ(run.broken(), "");
}

TEST(NoBusyLoop, more_than_that_is_a_violation) {
  FakeRun run(1, {"no_busy_loop"});
  for (int i = 0; i < 5000; ++i) {
    run.wait(Duration::microseconds(500));
    run.tell(0, DeadlineReached{});
  }
  EXPECT_EQ(run.broken(), "no_busy_loop");
}

TEST(NoBusyLoop, a_hundred_wakes_at_one_moment_are_a_violation) {
  FakeRun run(1, {"no_busy_loop"});
  for (int i = 0; i < 99; ++i) run.tell(0, DeadlineReached{});
  EXPECT_EQ(run.broken(), "");
  run.tell(0, DeadlineReached{});
  EXPECT_EQ(run.broken(), "no_busy_loop");
}

}  // namespace
}  // namespace p2p::sim
