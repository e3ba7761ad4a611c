// p2psim diff: where two traces begin to differ.
#include <gtest/gtest.h>

#include "tests/e2e_sim/sim.h"

namespace p2p::testing {
namespace {

TEST(SimDiff, of_two_runs_of_one_seed_finds_nothing) {
  const Place place;
  place.write("much.toml", kAsksTooMuch);
  for (const char* trace : {"a.trace", "b.trace"}) {
    place.run({"run", "much.toml", "--seed", "5", "--trace", trace});
  }
  const Finished finished = place.run({"diff", "a.trace", "b.trace"});
  EXPECT_EQ(finished.status, ExitStatus{0}) << finished.out << finished.err;
  EXPECT_EQ(finished.out, "the traces are equal\n");
  EXPECT_GT(place.read("a.trace").size(), 10'000U);
}

TEST(SimDiff, shows_the_lines_before_and_both_that_differ) {
  const Place place;
  place.write("a.trace", "0.000000001 boot one\n0.000000002 boot two\n0.500000000 peer left\n");
  place.write("b.trace", "0.000000001 boot one\n0.000000002 boot two\n0.500000000 peer right\n");
  const Finished finished = place.run({"diff", "a.trace", "b.trace"});
  EXPECT_EQ(finished.status, ExitStatus{4}) << finished.err;
  EXPECT_EQ(finished.out,
            "the traces differ at line 3, at 0.500000000 s\n"
            "  0.000000001 boot one\n"
            "  0.000000002 boot two\n"
            "- 0.500000000 peer left\n"
            "+ 0.500000000 peer right\n");
}

TEST(SimDiff, says_which_trace_ends_first) {
  const Place place;
  place.write("a.trace", "0.000000001 boot one\n");
  place.write("b.trace", "0.000000001 boot one\n0.000000002 boot two\n");
  const Finished finished = place.run({"diff", "a.trace", "b.trace"});
  EXPECT_EQ(finished.status, ExitStatus{4}) << finished.err;
  EXPECT_EQ(finished.out,
            "the traces differ at line 2, at 0.000000002 s\n"
            "  0.000000001 boot one\n"
            "- (here this trace ends)\n"
            "+ 0.000000002 boot two\n");
}

TEST(SimDiff, of_what_cannot_be_read_exits_2) {
  const Place place;
  place.write("a.trace", "");
  const Finished finished = place.run({"diff", "a.trace", "."});
  EXPECT_EQ(finished.status, ExitStatus{2});
  EXPECT_EQ(finished.err, "error: can't read .: Is a directory\n");
  EXPECT_EQ(place.run({"diff", "missing", "a.trace"}).status, ExitStatus{2});
}

}  // namespace
}  // namespace p2p::testing
