// Rules about wants and asks between two honest nodes.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/sim_check/fake_view.h"

namespace p2p::sim {
namespace {

using test::ask_for;
using test::FakeRun;
using test::list_of;
using test::piece;

constexpr size_t kListOfOne = kFrameHeaderSize + Digest::kSize;

// peer[0] asks, peer[1] answers.
struct Exchange {
  explicit Exchange(std::string invariant) : run(2, {std::move(invariant)}) {
    const auto pair = run.greet(0, 1);
    asker = pair.dialler;
    answerer = pair.acceptor;
    // The hello of each was read whole.
    run.receive(answerer, test::hello({run.endpoint(0)}).size() - 40);
  }
  void want(uint8_t n) { run.send(asker, list_of(FrameType::want, {piece(n)})); }
  void cancel(uint8_t n) { run.send(asker, list_of(FrameType::cancel, {piece(n)})); }
  void have(uint8_t n) { run.send(answerer, list_of(FrameType::have, {piece(n)})); }
  void lack(uint8_t n) { run.send(answerer, list_of(FrameType::lack, {piece(n)})); }
  void ask(uint8_t n) { run.send(asker, ask_for(piece(n))); }
  void give(uint8_t n) { run.give(answerer, piece(n)); }
  void find(uint8_t n) {
    want(n);
    have(n);
  }

  FakeRun run;
  EndFacts asker;
  EndFacts answerer;
};

TEST(AsksAnswered, one_give_or_one_lack_ends_an_ask) {
  Exchange e("asks_answered");
  e.find(1);
  e.ask(1);
  e.give(1);
  e.find(2);
  e.ask(2);
  e.lack(2);
  e.want(3);
  e.lack(3);
  EXPECT_EQ(e.run.broken(), "");
}

TEST(AsksAnswered, a_second_give_is_a_violation) {
  Exchange e("asks_answered");
  e.find(1);
  e.ask(1);
  e.give(1);
  e.give(1);
  EXPECT_EQ(e.run.broken(), "asks_answered");
  EXPECT_EQ(e.run.detail(),
            "peer[1]: it gives piece 0101010101010101 to peer[0], which has no ask for it without "
            "an answer");
}

TEST(AsksAnswered, a_give_that_nobody_asked_for_is_a_violation) {
  Exchange e("asks_answered");
  e.give(1);
  EXPECT_EQ(e.run.broken(), "asks_answered");
}

TEST(AsksAnswered, a_lack_after_the_give_is_a_violation) {
  Exchange e("asks_answered");
  e.find(1);
  e.ask(1);
  e.give(1);
  e.lack(1);
  EXPECT_EQ(e.run.broken(), "asks_answered");
}

TEST(AsksAnswered, an_answer_to_an_asker_that_has_closed_is_none) {
  Exchange e("asks_answered");
  e.find(1);
  e.ask(1);
  e.run.close(e.asker);
  e.give(1);
  EXPECT_EQ(e.run.broken(), "");
}

TEST(AsksAnswered, a_lack_of_a_cancelled_want_may_still_come) {
  Exchange e("asks_answered");
  e.want(1);
  e.cancel(1);
  e.lack(1);
  EXPECT_EQ(e.run.broken(), "");
}

TEST(AsksAnswered, after_a_want_anew_nothing_is_held_against_the_answers) {
  Exchange e("asks_answered");
  e.want(1);
  e.cancel(1);
  e.want(1);
  e.have(1);
  e.ask(1);
  e.lack(1);
  e.give(1);
  EXPECT_EQ(e.run.broken(), "");
}

TEST(AsksAnswered, who_has_read_an_ask_and_is_idle_has_forgotten_it) {
  Exchange e("asks_answered");
  e.find(1);
  e.run.receive(e.answerer, kListOfOne);
  e.ask(1);
  e.run.pass(5);
  EXPECT_EQ(e.run.broken(), "") << "it has not been read yet";
  e.run.receive(e.answerer, kListOfOne);
  e.run.pass(2);
  EXPECT_EQ(e.run.broken(), "asks_answered");
  EXPECT_EQ(e.run.rules().violation()->node, "peer[1]");
}

TEST(AsksAnswered, who_loads_or_sends_has_not_forgotten) {
  Exchange e("asks_answered");
  e.find(1);
  e.ask(1);
  e.run.receive(e.answerer, 2 * kListOfOne);
  e.run.act(1, LoadPiece{OpId{1}, piece(1), false});
  e.run.pass(10);
  EXPECT_EQ(e.run.broken(), "");
  e.run.tell(1, PieceLoaded{OpId{1}, StoreStatus::ok, {}});
  e.run.act(1, SetInterest{e.answerer.conn, true, true});
  e.run.pass(10);
  EXPECT_EQ(e.run.broken(), "");
}

TEST(AsksAnswered, an_ask_without_a_byte_ends_the_connection_in_time) {
  Exchange e("asks_answered");
  e.find(1);
  e.ask(1);
  e.run.pass(150);
  EXPECT_EQ(e.run.broken(), "");
  e.run.pass(30);
  EXPECT_EQ(e.run.broken(), "asks_answered");
  EXPECT_EQ(e.run.rules().violation()->node, "peer[0]");
}

TEST(AsksAnswered, bytes_of_a_give_are_progress) {
  Exchange e("asks_answered");
  e.find(1);
  e.find(2);
  e.ask(1);
  e.ask(2);
  e.give(2);
  for (int i = 0; i < 30; ++i) {
    e.run.receive(e.asker, 1000);
    e.run.pass(10);
  }
  EXPECT_EQ(e.run.broken(), "");
}

TEST(AsksAnswered, asks_of_a_peer_taken_for_an_original_are_not_judged) {
  FakeRun run(2, {"asks_answered", "want_or_ask"});
  const auto [a, b] = run.connect(0, 1);
  run.identify(b, false);
  run.identify(a, true);
  run.send(a, ask_for(piece(1)));
  run.identify(a, false);
  run.send(a, list_of(FrameType::want, {piece(1)}));
  run.send(b, list_of(FrameType::lack, {piece(1)}));
  run.send(b, list_of(FrameType::lack, {piece(1)}));
  EXPECT_EQ(run.broken(), "");
}

TEST(WantOrAsk, what_has_an_answered_want_is_asked_for) {
  Exchange e("want_or_ask");
  e.find(1);
  e.ask(1);
  e.give(1);
  e.find(1);
  EXPECT_EQ(e.run.broken(), "");
}

TEST(WantOrAsk, what_has_an_unanswered_want_is_not_asked_for) {
  Exchange e("want_or_ask");
  e.want(1);
  e.ask(1);
  EXPECT_EQ(e.run.broken(), "want_or_ask");
  EXPECT_EQ(e.run.detail(),
            "peer[0]: it asks peer[1] for piece 0101010101010101 before its want was answered");
}

TEST(WantOrAsk, what_has_an_open_ask_is_not_wanted) {
  Exchange e("want_or_ask");
  e.find(1);
  e.ask(1);
  e.want(1);
  EXPECT_EQ(e.run.broken(), "want_or_ask");
}

TEST(WantOrAsk, a_have_that_crossed_a_cancel_is_no_answer_that_counts) {
  Exchange e("want_or_ask");
  e.want(1);
  e.cancel(1);
  e.have(1);
  e.want(1);
  e.ask(1);
  EXPECT_EQ(e.run.broken(), "");
}

TEST(Bounds, wants_that_stand_with_one_peer_are_limited) {
  Exchange e("bounds");
  e.run.view.nodes[0].config.limits.wants_per_peer_max = 3;
  e.run.send(e.asker, list_of(FrameType::want, {piece(1), piece(2), piece(3)}));
  e.cancel(1);
  e.have(2);
  e.run.send(e.asker, list_of(FrameType::want, {piece(4), piece(5)}));
  EXPECT_EQ(e.run.broken(), "");
  e.want(6);
  EXPECT_EQ(e.run.broken(), "bounds");
  EXPECT_EQ(e.run.detail(), "peer[0]: 4 of its wants stand with peer[1], 3 at most are allowed");
}

TEST(Bounds, asks_open_with_one_peer_are_limited_by_number_and_bytes) {
  Exchange e("bounds");
  for (uint8_t n = 1; n <= 17; ++n) e.find(n);
  for (uint8_t n = 1; n <= 16; ++n) e.ask(n);
  EXPECT_EQ(e.run.broken(), "") << "16 pieces of 1 MiB are 16 MiB";
  e.ask(17);
  EXPECT_EQ(e.run.broken(), "bounds");
}

}  // namespace
}  // namespace p2p::sim
