// Rules about the life of connections.
#include <gtest/gtest.h>

#include "tests/unit/sim_check/fake_view.h"

namespace p2p::sim {
namespace {

using test::FakeRun;

TEST(NoSelfDial, three_successes_teach_and_the_fourth_is_a_violation) {
  FakeRun run(1, {"no_self_dial"});
  for (int i = 0; i < 3; ++i) {
    const auto [a, b] = run.connect(0, 0);
    run.close(a);
    run.close(b);
  }
  EXPECT_EQ(run.broken(), "");
  run.connect(0, 0);
  EXPECT_EQ(run.broken(), "no_self_dial");
}

TEST(NoSelfDial, another_start_counts_anew) {
  FakeRun run(1, {"no_self_dial"});
  for (int i = 0; i < 6; ++i) {
    run.connect(0, 0);
    run.end(0);
    run.rules().started(0, {});
  }
  EXPECT_EQ(run.broken(), "");
}

TEST(NoSelfDial, a_node_that_takes_itself_for_a_peer_is_a_violation) {
  FakeRun run(1, {"no_self_dial"});
  const auto [a, b] = run.connect(0, 0);
  run.identify(b, false);
  EXPECT_EQ(run.broken(), "no_self_dial");
}

TEST(OneConnectionEach, one_of_two_is_closed_in_time) {
  FakeRun run(2, {"one_connection_each"});
  run.greet(0, 1);
  const auto [a, b] = run.greet(1, 0);
  run.pass(10);
  run.close(a);
  run.close(b);
  run.pass(100);
  EXPECT_EQ(run.broken(), "");
}

TEST(OneConnectionEach, two_that_stay_are_a_violation) {
  FakeRun run(2, {"one_connection_each"});
  run.greet(0, 1);
  run.greet(1, 0);
  run.pass(15);
  EXPECT_EQ(run.broken(), "");
  run.pass(10);
  EXPECT_EQ(run.broken(), "one_connection_each");
}

TEST(OneConnectionEach, a_second_one_on_which_only_one_end_was_heard_is_none_yet) {
  FakeRun run(2, {"one_connection_each"});
  run.greet(0, 1);
  const auto [a, b] = run.connect(1, 0);
  run.identify(b, false);
  run.pass(60);
  EXPECT_EQ(run.broken(), "");
}

TEST(OneConnectionEach, two_over_different_addresses_are_allowed) {
  FakeRun run(2, {"one_connection_each"});
  run.greet(0, 1);
  auto pair = run.meet(0, 1);
  pair.dialler.remote.address = Address::loopback();
  pair.acceptor.remote.address = Address::loopback();
  for (const EndFacts& end : {pair.dialler, pair.acceptor}) run.open(end);
  for (const EndFacts& end : {pair.dialler, pair.acceptor}) run.identify(end, false);
  run.pass(60);
  EXPECT_EQ(run.broken(), "");
}

TEST(SilentClosed, an_extended_peer_that_speaks_is_kept) {
  FakeRun run(2, {"silent_closed"});
  const auto [a, b] = run.greet(0, 1);
  for (int i = 0; i < 20; ++i) {
    run.pass(60);
    run.receive(a, 5);
    run.receive(b, 5);
  }
  EXPECT_EQ(run.broken(), "");
}

TEST(SilentClosed, an_extended_peer_that_is_silent_is_closed) {
  FakeRun run(2, {"silent_closed"});
  run.greet(0, 1);
  run.end(1);
  run.pass(80);
  EXPECT_EQ(run.broken(), "");
  run.pass(30);
  EXPECT_EQ(run.broken(), "silent_closed");
  EXPECT_EQ(run.rules().violation()->node, "peer[0]");
}

TEST(SilentClosed, an_original_may_be_silent_for_ever) {
  FakeRun run(2, {"silent_closed"});
  run.view.nodes[1].behaviour = Behaviour::legacy;
  const auto [a, b] = run.connect(0, 1);
  run.identify(a, true);
  run.pass(2000);
  EXPECT_EQ(run.broken(), "");
}

TEST(SilentClosed, an_accepted_stranger_has_its_time) {
  FakeRun run(2, {"silent_closed"});
  run.view.nodes[1].behaviour = Behaviour::silent;
  run.connect(1, 0);
  run.pass(160);
  EXPECT_EQ(run.broken(), "");
  run.pass(30);
  EXPECT_EQ(run.broken(), "silent_closed");
}

TEST(SilentClosed, a_dialled_stranger_is_soon_presumed_to_be_an_original) {
  FakeRun run(2, {"silent_closed"});
  run.view.nodes[1].behaviour = Behaviour::silent;
  run.connect(0, 1);
  run.pass(40);
  EXPECT_EQ(run.broken(), "silent_closed");
}

TEST(SilentClosed, a_dial_without_answer_ends) {
  FakeRun run(1, {"silent_closed"});
  run.rules();
  run.act(0, Connect{ConnId::dialled(1), {Address::v4(9, 9, 9, 9), 1}});
  run.pass(11);
  run.act(0, Close{ConnId::dialled(1)});
  run.pass(100);
  EXPECT_EQ(run.broken(), "");
  run.act(0, Connect{ConnId::dialled(2), {Address::v4(9, 9, 9, 9), 1}});
  run.pass(40);
  EXPECT_EQ(run.broken(), "silent_closed");
}

TEST(SilentClosed, a_peer_that_takes_nothing_of_what_is_to_be_sent_is_closed) {
  FakeRun run(2, {"silent_closed"});
  const auto [a, b] = run.greet(0, 1);
  run.act(0, SetInterest{a.conn, true, true});
  for (int i = 0; i < 20; ++i) {
    run.receive(a, 5);
    run.receive(b, 5);
    run.tell(0, Sent{a.conn, 1});
    run.pass(20);
  }
  EXPECT_EQ(run.broken(), "");
  for (int i = 0; i < 6; ++i) {
    run.receive(a, 5);
    run.receive(b, 5);
    run.pass(20);
  }
  EXPECT_EQ(run.broken(), "silent_closed");
}

TEST(SilentClosed, limits_of_the_scenario_count) {
  FakeRun run(2, {"silent_closed"});
  run.view.nodes[0].config.limits.silent_after = Duration::seconds(10);
  run.greet(0, 1);
  run.pass(50);
  EXPECT_EQ(run.broken(), "silent_closed");
}

TEST(NoLeaks, who_is_told_of_an_end_lets_go_at_once) {
  FakeRun run(2, {"no_leaks"});
  const auto [a, b] = run.greet(0, 1);
  run.tell(0, Closed{a.conn, NetError::reset});
  run.close(a);
  run.pass(10);
  EXPECT_EQ(run.broken(), "");
  run.tell(1, Closed{b.conn, NetError::reset});
  run.pass(1);
  EXPECT_EQ(run.broken(), "no_leaks");
}

TEST(NoLeaks, the_engine_counts_the_connections_that_the_world_has) {
  FakeRun run(2, {"no_leaks"});
  run.greet(0, 1);
  run.act(0, Connect{ConnId::dialled(99), run.endpoint(1)});
  ++run.view.totals_of[0].connections;
  run.pass(20);
  EXPECT_EQ(run.broken(), "");
  ++run.view.totals_of[1].connections;
  run.pass(20);
  EXPECT_EQ(run.broken(), "no_leaks");
  EXPECT_EQ(run.detail(), "peer[1]: its engine counts 2 connections, the world has 1 of it");
}

TEST(NoLeaks, another_run_of_a_node_begins_with_none) {
  FakeRun run(2, {"no_leaks"});
  const auto [a, b] = run.greet(0, 1);
  run.tell(0, Closed{a.conn, NetError::reset});
  run.end(0, NodeState::down);
  run.view.states[0] = NodeState::running;
  run.rules().started(0, {});
  run.close(b);
  run.pass(30);
  EXPECT_EQ(run.broken(), "");
}

}  // namespace
}  // namespace p2p::sim
