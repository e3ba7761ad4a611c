// Rules about what a node's store has.
#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/sim_check/fake_view.h"

namespace p2p::sim {
namespace {

using test::ask_for;
using test::FakeRun;
using test::piece;

void arrives(FakeRun& run, NodeIndex node, const Digest& digest, uint64_t op) {
  run.act(node, StorePiece{OpId{op}, digest, {}, {}});
  run.rules().stored(node, digest, true);
  run.tell(node, PieceStored{OpId{op}, StoreStatus::ok});
}

TEST(VerifiedPieces, bytes_that_match_are_stored_without_complaint) {
  FakeRun run(1, {"verified_pieces"});
  run.rules().stored(0, piece(1), true);
  EXPECT_EQ(run.broken(), "");
  run.rules().stored(0, piece(2), false);
  EXPECT_EQ(run.broken(), "verified_pieces");
}

TEST(DurablePieces, what_was_synced_is_there_after_a_crash) {
  FakeRun run(1, {"durable_pieces"});
  arrives(run, 0, piece(1), 1);
  run.rules().synced(0);
  arrives(run, 0, piece(2), 2);
  run.end(0);
  // The second one was not durable yet.
  run.rules().started(0, std::vector{piece(1)});
  EXPECT_EQ(run.broken(), "");
  run.end(0);
  run.rules().started(0, {});
  EXPECT_EQ(run.broken(), "durable_pieces");
  EXPECT_EQ(run.detail(),
            "peer[0]: piece 0101010101010101 was durable, and is gone after a restart");
}

TEST(DurablePieces, what_was_there_at_the_first_start_is_durable) {
  FakeRun run(1, {"durable_pieces"});
  run.view.nodes[0].behaviour = Behaviour::legacy;  // started by hand below
  run.judge();
  run.view.nodes[0].behaviour = Behaviour::honest;
  run.rules().started(0, std::vector{piece(1)});
  run.end(0);
  run.rules().started(0, {});
  EXPECT_EQ(run.broken(), "durable_pieces");
}

TEST(DurablePieces, what_a_scenario_takes_is_not_missed) {
  FakeRun run(1, {"durable_pieces"});
  arrives(run, 0, piece(1), 1);
  arrives(run, 0, piece(2), 2);
  run.rules().synced(0);
  run.rules().lost(0, piece(1));
  run.end(0);
  run.rules().started(0, std::vector{piece(2)});
  run.end(0);
  run.rules().wiped(0);
  run.rules().started(0, {});
  EXPECT_EQ(run.broken(), "");
}

TEST(DurablePieces, nobody_is_asked_for_what_the_store_has) {
  FakeRun run(2, {"durable_pieces"});
  const auto [a, b] = run.greet(0, 1);
  run.send(a, ask_for(piece(1)));
  arrives(run, 0, piece(1), 1);
  EXPECT_EQ(run.broken(), "");
  run.wait(Duration::seconds(1));
  run.send(a, ask_for(piece(1)));
  EXPECT_EQ(run.broken(), "durable_pieces");
  EXPECT_EQ(run.detail(),
            "peer[0]: it asks peer[1] for piece 0101010101010101, which its store has");
}

TEST(DurablePieces, an_ask_that_waited_behind_other_bytes_is_no_violation) {
  FakeRun run(2, {"durable_pieces"});
  const auto [a, b] = run.greet(0, 1);
  run.act(0, SetInterest{a.conn, true, true});
  run.wait(Duration::seconds(1));
  arrives(run, 0, piece(1), 1);
  run.wait(Duration::seconds(1));
  run.rules().control_sent(a, ask_for(piece(1)));
  EXPECT_EQ(run.broken(), "");
}

TEST(DurablePieces, a_piece_that_could_not_be_read_is_asked_for_again) {
  FakeRun run(2, {"durable_pieces"});
  const auto [a, b] = run.greet(0, 1);
  arrives(run, 0, piece(1), 1);
  run.act(0, LoadPiece{OpId{2}, piece(1), false});
  run.tell(0, PieceLoaded{OpId{2}, StoreStatus::io_error, {}});
  run.wait(Duration::seconds(1));
  run.send(a, ask_for(piece(1)));
  EXPECT_EQ(run.broken(), "");
}

}  // namespace
}  // namespace p2p::sim
