// The table of invariants, and which of them a run judges.
#include "io_sim/check/invariants.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/unit/sim_check/fake_view.h"

namespace p2p::sim {
namespace {

using test::FakeRun;
using test::piece;

TEST(InvariantNames, each_name_is_listed_once_with_a_sentence) {
  std::set<std::string> names;
  for (const InvariantName& row : invariant_names()) {
    EXPECT_TRUE(names.insert(std::string(row.name)).second) << row.name;
    EXPECT_GT(row.sentence.size(), 20U) << row.name;
    EXPECT_NE(row.sentence.back(), '.') << row.name;
  }
  EXPECT_TRUE(names.contains(std::string(kAssertionInvariant)));
  EXPECT_EQ(names.size(), 15U);
}

TEST(Invariants, are_all_judged_unless_the_scenario_lists_some) {
  FakeRun all(1);
  all.rules().stored(0, piece(1), false);
  EXPECT_EQ(all.broken(), "verified_pieces");

  FakeRun others(1, {"bounds", "durable_pieces"});
  others.rules().stored(0, piece(1), false);
  EXPECT_EQ(others.broken(), "");

  FakeRun none(1);
  none.scenario.no_invariants = true;
  none.rules().stored(0, piece(1), false);
  EXPECT_EQ(none.broken(), "");
}

TEST(Invariants, keep_the_first_violation_with_time_node_and_detail) {
  FakeRun run(2);
  run.wait(Duration::seconds(4));
  run.rules().stored(1, piece(0xab), false);
  run.wait(Duration::seconds(4));
  run.rules().stored(0, piece(0xcd), false);
  const Violation& violation = run.rules().violation().value();
  EXPECT_EQ(violation.invariant, "verified_pieces");
  EXPECT_EQ(violation.node, "peer[1]");
  EXPECT_EQ(violation.at, Time() + Duration::seconds(5));
  EXPECT_EQ(violation.detail, "it stored bytes that are not piece abababababababab");
}

TEST(Invariants, hold_in_a_run_where_two_nodes_exchange_a_piece_and_part) {
  FakeRun run(2);
  const auto [a, b] = run.greet(0, 1);
  run.send(a, test::list_of(FrameType::want, {piece(1)}));
  run.receive(b, 37);
  run.send(b, test::list_of(FrameType::have, {piece(1)}));
  run.receive(a, 37);
  run.send(a, test::ask_for(piece(1)));
  run.receive(b, 37);
  run.give(b, piece(1));
  run.receive(a, 37 + (1U << 20));
  run.act(0, StorePiece{OpId{1}, piece(1), {}, {}});
  run.rules().stored(0, piece(1), true);
  run.tell(0, PieceStored{OpId{1}, StoreStatus::ok});
  run.pass(20);
  run.close(a);
  run.close(b);
  run.pass(400);
  run.rules().end_of_run();
  EXPECT_EQ(run.broken(), "");
}

}  // namespace
}  // namespace p2p::sim
