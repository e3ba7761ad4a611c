// Rules about the endpoints that nodes hand on.
#include <gtest/gtest.h>

#include "tests/unit/sim_check/fake_view.h"

namespace p2p::sim {
namespace {

using test::FakeRun;
using test::peers;

TEST(SpokenWith, who_was_dialled_is_handed_on) {
  FakeRun run(3, {"spoken_with"});
  run.greet(0, 1);
  const auto other = run.greet(0, 2).dialler;
  run.send(other, peers({run.endpoint(1)}));
  EXPECT_EQ(run.broken(), "");
}

TEST(SpokenWith, who_connected_and_says_where_it_listens_is_handed_on) {
  FakeRun run(3, {"spoken_with"});
  run.greet(1, 0);
  const auto other = run.greet(2, 0).acceptor;
  run.send(other, peers({run.endpoint(1)}));
  EXPECT_EQ(run.broken(), "");
}

TEST(SpokenWith, hearsay_is_not_handed_on) {
  FakeRun run(4, {"spoken_with"});
  const auto other = run.greet(0, 1).dialler;
  run.send(other, peers({run.endpoint(3)}));
  EXPECT_EQ(run.broken(), "spoken_with");
  EXPECT_EQ(run.detail(),
            "peer[0]: it hands 8.0.0.4:8100 (peer[3]) on to peer[1], and has never spoken with a "
            "node there");
}

TEST(SpokenWith, a_claim_that_is_not_where_its_node_is_seen_is_hearsay) {
  FakeRun run(3, {"spoken_with"});
  const auto [a, b] = run.connect(1, 0);
  run.send(a, test::hello({{Address::v4(9, 9, 9, 9), 8100}}));
  run.identify(b, false);
  const auto other = run.greet(2, 0).acceptor;
  run.send(other, peers({{Address::v4(9, 9, 9, 9), 8100}}));
  EXPECT_EQ(run.broken(), "spoken_with");
}

TEST(SpokenWith, what_was_said_before_a_restart_is_forgotten) {
  FakeRun run(3, {"spoken_with"});
  run.greet(0, 1);
  run.end(0);
  run.view.states[0] = NodeState::running;
  run.rules().started(0, {});
  const auto other = run.greet(0, 2).dialler;
  run.send(other, peers({run.endpoint(1)}));
  EXPECT_EQ(run.broken(), "spoken_with");
}

TEST(SpokenWith, its_own_record_is_a_nodes_to_send) {
  FakeRun run(2, {"spoken_with"});
  run.view.nodes[0].config.advertise = Endpoint{Address::v4(9, 9, 9, 9), 0};
  const auto [a, b] = run.connect(0, 1);
  run.send(a, test::hello({{Address::v4(9, 9, 9, 9), 8100}}));
  run.send(b, test::hello({{Address::any(), 8100}}));
  run.send(b, peers({run.endpoint(1)}));
  EXPECT_EQ(run.broken(), "");
}

TEST(SpokenWith, an_endpoint_on_the_same_host_is_known_by_either_address) {
  FakeRun run(3, {"spoken_with"});
  run.view.nodes[1].endpoint = {run.endpoint(0).address, 20'000};
  auto pair = run.meet(0, 1);
  pair.dialler.remote.address = Address::loopback();
  pair.dialler.local.address = Address::loopback();
  run.open(pair.dialler);
  const auto other = run.greet(0, 2).dialler;
  run.send(other, peers({{run.endpoint(0).address, 20'000}}));
  run.send(pair.dialler, peers({{Address::loopback(), 20'000}}));
  EXPECT_EQ(run.broken(), "");
}

TEST(SpokenWith, a_hostile_peer_may_claim_any_port) {
  FakeRun run(3, {"spoken_with"});
  run.view.nodes[1].behaviour = Behaviour::pex_poison;
  const auto [a, b] = run.connect(1, 0);
  run.identify(b, false);
  const auto other = run.greet(2, 0).acceptor;
  run.send(other, peers({{run.endpoint(1).address, 666}}));
  EXPECT_EQ(run.broken(), "");
}

TEST(SpokenWith, a_hostile_peer_that_was_dialled_and_then_dialled_itself_is_alive) {
  FakeRun run(3, {"spoken_with"});
  run.view.nodes[1].behaviour = Behaviour::pex_poison;
  const auto dialled = run.connect(0, 1).dialler;
  run.identify(dialled, false);
  run.close(dialled);
  const auto accepted = run.connect(1, 0).acceptor;
  run.identify(accepted, false);
  const auto other = run.greet(2, 0).acceptor;
  for (int i = 0; i < 10; ++i) {
    run.pass(60);
    run.receive(accepted, 5);
  }
  run.send(other, peers({run.endpoint(1)}));
  EXPECT_EQ(run.broken(), "");
}

TEST(SpokenWith, an_endpoint_is_handed_on_for_3_minutes_after_its_silence_was_noticed) {
  FakeRun run(3, {"spoken_with"});
  const auto lost = run.greet(0, 1).dialler;
  const auto other = run.greet(0, 2).dialler;
  run.pass(75);
  run.close(lost);
  run.pass(180);
  run.send(other, peers({run.endpoint(1)}));
  EXPECT_EQ(run.broken(), "");
  run.pass(20);
  run.send(other, peers({run.endpoint(1)}));
  EXPECT_EQ(run.broken(), "spoken_with");
}

TEST(SpokenWith, a_list_that_waited_to_be_sent_is_judged_as_of_when_it_may_have_been_made) {
  FakeRun run(3, {"spoken_with"});
  run.greet(0, 1);
  const auto other = run.greet(0, 2).dialler;
  run.pass(200);
  run.act(0, SetInterest{other.conn, true, true});
  run.pass(200);
  run.rules().control_sent(other, peers({run.endpoint(1)}));
  EXPECT_EQ(run.broken(), "");
}

TEST(SpokenWith, an_original_that_is_silent_is_handed_on_while_its_connection_lives) {
  FakeRun run(3, {"spoken_with"});
  run.view.nodes[1].behaviour = Behaviour::legacy;
  const auto silent = run.connect(0, 1).dialler;
  run.identify(silent, true);
  const auto other = run.greet(0, 2).dialler;
  run.pass(3000);
  run.send(other, peers({run.endpoint(1)}));
  run.close(silent);
  run.pass(170);
  run.send(other, peers({run.endpoint(1)}));
  EXPECT_EQ(run.broken(), "");
  run.pass(200);
  run.send(other, peers({run.endpoint(1)}));
  EXPECT_EQ(run.broken(), "spoken_with");
}

TEST(DeadForgotten, a_node_that_is_gone_is_handed_on_for_a_while_only) {
  FakeRun run(3, {"dead_forgotten"});
  run.greet(0, 1);
  const auto other = run.greet(0, 2).dialler;
  run.end(1);
  run.pass(250);
  run.send(other, peers({run.endpoint(1)}));
  EXPECT_EQ(run.broken(), "");
  run.pass(30);
  run.send(other, peers({run.endpoint(1)}));
  EXPECT_EQ(run.broken(), "dead_forgotten");
  EXPECT_EQ(run.detail(),
            "peer[0]: it hands 8.0.0.2:8100 (peer[1]) on to peer[2], which has been gone for 280 "
            "s");
}

TEST(DeadForgotten, bytes_that_come_late_count_as_signs_of_life) {
  FakeRun run(3, {"dead_forgotten"});
  const auto lost = run.greet(0, 1).dialler;
  const auto other = run.greet(0, 2).dialler;
  run.end(1);
  run.pass(200);
  run.receive(lost, 100);
  run.pass(200);
  run.send(other, peers({run.endpoint(1)}));
  EXPECT_EQ(run.broken(), "");
}

TEST(DeadForgotten, nobody_believes_a_node_alive_that_has_long_been_gone) {
  FakeRun run(2, {"dead_forgotten"});
  const auto lost = run.greet(0, 1).dialler;
  run.view.statuses[0].known_alive = {run.endpoint(1)};
  run.end(1);
  run.pass(70);
  run.close(lost);
  run.pass(170);
  run.tell(0, DeadlineReached{});
  run.pass(1);
  EXPECT_EQ(run.broken(), "");
  run.pass(100);
  EXPECT_EQ(run.broken(), "") << "the engine has not been given an event since";
  run.tell(0, DeadlineReached{});
  run.pass(2);
  EXPECT_EQ(run.broken(), "dead_forgotten");
}

TEST(DeadForgotten, an_original_that_is_gone_may_be_believed_alive) {
  FakeRun run(2, {"dead_forgotten"});
  run.view.nodes[1].behaviour = Behaviour::legacy;
  const auto lost = run.connect(0, 1).dialler;
  run.identify(lost, true);
  run.view.statuses[0].known_alive = {run.endpoint(1)};
  run.end(1);
  run.pass(1000);
  run.tell(0, DeadlineReached{});
  run.rules().end_of_run();
  EXPECT_EQ(run.broken(), "");
}

}  // namespace
}  // namespace p2p::sim
