// p2psim shrink: the smallest scenario that still fails in the same way.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/e2e_sim/sim.h"

namespace p2p::testing {
namespace {

TEST(SimShrink, of_an_impossible_expectation_leaves_little_more_than_it) {
  const Place place;
  place.write("much.toml", kAsksTooMuch);
  const Finished finished = place.run({"shrink", "much.toml", "--seed", "3", "-o", "min.toml"});
  EXPECT_EQ(finished.status, ExitStatus{0}) << finished.out << finished.err;
  EXPECT_EQ(finished.out.rfind("wrote min.toml: ", 0), 0U) << finished.out;

  const std::string text = place.read("min.toml");
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 12) << text;
  EXPECT_EQ(text.rfind("# Shows: unmet by 50 s: ", 0), 0U) << text;
  EXPECT_NE(text.find("\n# Repeat: p2psim run min.toml --seed 3\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("swarm"), std::string::npos) << text;
  EXPECT_NE(text.find("count = 50"), std::string::npos) << text;

  const auto lines = json_lines(place.run({"run", "min.toml", "--json"}).out);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["verdict"], "unmet");
  EXPECT_EQ(lines[0]["seed"], 3);
  EXPECT_EQ(lines[0]["nodes"], 1);
}

TEST(SimShrink, of_what_only_a_fault_brings_about_keeps_one_fault_that_does) {
  const Place place;
  place.write("apart.toml", kApart);
  const Finished finished = place.run({"shrink", "apart.toml", "-o", "min.toml"});
  EXPECT_EQ(finished.status, ExitStatus{0}) << finished.out << finished.err;
  EXPECT_NE(finished.out.find(", 1 event ("), std::string::npos) << finished.out;
  EXPECT_EQ(place.run({"run", "min.toml"}).status, ExitStatus{3});
}

TEST(SimShrink, comes_to_the_same_however_many_run_at_once) {
  const Place place;
  place.write("apart.toml", kApart);
  const auto with_jobs = [&](const char* jobs) {
    place.run({"shrink", "apart.toml", "-o", "min.toml", "-j", jobs});
    return place.read("min.toml");
  };
  const std::string one = with_jobs("1");
  EXPECT_EQ(with_jobs("2"), one);
  EXPECT_EQ(with_jobs("5"), one);
}

TEST(SimShrink, leaves_a_promise_out) {
  const Place place;
  place.write("much.toml", promising(kAsksTooMuch, "unmet", "knows_at_least"));
  EXPECT_EQ(place.run({"shrink", "much.toml", "-o", "min.toml"}).status, ExitStatus{0});
  EXPECT_EQ(place.read("min.toml").find("promise"), std::string::npos);
  EXPECT_EQ(place.run({"run", "min.toml"}).status, ExitStatus{3});
}

TEST(SimShrink, of_what_passes_writes_nothing) {
  const Place place;
  place.write("meets.toml", kMeets);
  const Finished finished = place.run({"shrink", "meets.toml", "--seed", "9", "-o", "min.toml"});
  EXPECT_EQ(finished.status, ExitStatus{0}) << finished.err;
  EXPECT_EQ(finished.out, "nothing to shrink: meets.toml passes with seed 9\n");
  EXPECT_FALSE(place.has("min.toml"));
}

TEST(SimShrink, that_cannot_write_exits_2) {
  const Place place;
  place.write("much.toml", kAsksTooMuch);
  const Finished finished = place.run({"shrink", "much.toml", "-o", "no/where.toml"});
  EXPECT_EQ(finished.status, ExitStatus{2});
  EXPECT_EQ(finished.err, "error: can't write no/where.toml: No such file or directory\n");
}

}  // namespace
}  // namespace p2p::testing
