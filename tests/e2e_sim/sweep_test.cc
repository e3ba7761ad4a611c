// p2psim sweep: all seeds of a range.
#include <gtest/gtest.h>

#include "tests/e2e_sim/sim.h"

namespace p2p::testing {
namespace {

TEST(SimSweep, of_a_scenario_that_holds_exits_0_with_one_line) {
  const Place place;
  place.write("meets.toml", kMeets);
  const Finished finished = place.run({"sweep", "meets.toml", "--seeds", "1..20", "-j", "2"});
  EXPECT_EQ(finished.status, ExitStatus{0}) << finished.out << finished.err;
  EXPECT_EQ(finished.out, "pass  three meet  (20 seeds from 1, 0 failed)\n");
}

TEST(SimSweep, groups_failures_with_the_line_that_repeats_the_lowest_seed) {
  const Place place;
  place.write("much.toml", kAsksTooMuch);
  const Finished finished = place.run({"sweep", "much.toml", "--seeds", "5..12", "-j", "2"});
  EXPECT_EQ(finished.status, ExitStatus{3}) << finished.out << finished.err;
  EXPECT_NE(finished.out.find("(8 seeds from 5, 8 failed)"), std::string::npos) << finished.out;
  const size_t group = finished.out.find("\n8 seeds: ");
  ASSERT_NE(group, std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("\n  the lowest is 5: unmet by 50 s: ", group), std::string::npos)
      << finished.out;
  EXPECT_NE(finished.out.find("\n  p2psim run much.toml --seed 5\n", group), std::string::npos)
      << finished.out;
}

TEST(SimSweep, prints_the_same_however_many_run_at_once) {
  const Place place;
  place.write("meets.toml", kMeets);
  place.write("much.toml", kAsksTooMuch);
  for (const bool json : {false, true}) {
    const auto with_jobs = [&](const char* jobs) {
      Words words = {"sweep", "meets.toml", "much.toml", "-j", jobs, "--seeds", "1..9"};
      if (json) words.emplace_back("--json");
      return place.run(words).out;
    };
    const std::string one = with_jobs("1");
    EXPECT_GT(one.size(), 100U);
    EXPECT_EQ(with_jobs("3"), one);
  }
}

TEST(SimSweep, of_the_parts_of_a_range_is_the_sweep_of_the_whole) {
  const Place place;
  place.write("much.toml", kAsksTooMuch);
  const auto part = [&](const char* seeds) {
    return place.run({"sweep", "much.toml", "--seeds", seeds, "--json"}).out;
  };
  const std::string whole = part("1..20");
  EXPECT_EQ(part("1..7") + part("8..20"), whole);
  const auto lines = json_lines(whole);
  ASSERT_EQ(lines.size(), 20U);
  for (size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(lines[i]["seed"], i + 1);
}

TEST(SimSweep, comes_to_what_single_runs_come_to) {
  const Place place;
  place.write("much.toml", kAsksTooMuch);
  EXPECT_EQ(place.run({"sweep", "much.toml", "--seeds", "9..9", "--json"}).out,
            place.run({"run", "much.toml", "--seed", "9", "--json"}).out);
}

TEST(SimSweep, of_a_file_that_promises_to_fail_holds_when_every_seed_does) {
  const Place place;
  place.write("much.toml", promising(kAsksTooMuch, "unmet", "knows_at_least"));
  EXPECT_EQ(place.run({"sweep", "much.toml", "--seeds", "1..5"}).status, ExitStatus{0});
  place.write("meets.toml", promising(kMeets, "unmet", "connected"));
  const Finished finished = place.run({"sweep", "meets.toml", "--seeds", "1..5"});
  EXPECT_EQ(finished.status, ExitStatus{3});
  EXPECT_NE(finished.out.find("5 seeds: promised unmet connected"), std::string::npos)
      << finished.out;
}

TEST(SimSweep, counts_a_violation_as_graver_than_an_expectation) {
  const Place place;
  place.write("much.toml", kAsksTooMuch);
  const Finished finished = place.run({"sweep", "much.toml", "--seeds", "1..3", "--limit", "1ms"});
  EXPECT_EQ(finished.status, ExitStatus{1}) << finished.out;
  EXPECT_NE(finished.out.find("assertions: the run did not end within 1 ms"), std::string::npos)
      << finished.out;
}

TEST(SimSweep, writes_the_grid_of_its_seeds) {
  const Place place;
  place.write("much.toml", kAsksTooMuch);
  const Finished finished =
      place.run({"sweep", "much.toml", "--seeds", "1..6", "--report", "grid.html"});
  EXPECT_EQ(finished.status, ExitStatus{3}) << finished.err;
  EXPECT_NE(place.read("grid.html").find("</html>"), std::string::npos);
}

TEST(SimSweep, into_a_pipe_shows_no_progress) {
  const Place place;
  place.write("meets.toml", kMeets);
  const Finished finished = place.run({"sweep", "meets.toml", "--seeds", "1..3"});
  EXPECT_EQ(finished.err.find('\x1b'), std::string::npos) << finished.err;
  EXPECT_EQ(finished.err.find('\r'), std::string::npos) << finished.err;
}

}  // namespace
}  // namespace p2p::testing
