// p2psim run: what it prints, and its exit status.
#include <gtest/gtest.h>

#include "tests/e2e_sim/sim.h"

namespace p2p::testing {
namespace {

TEST(SimRun, of_a_scenario_that_holds_exits_0_and_says_so_in_one_line) {
  const Place place;
  place.write("meets.toml", kMeets);
  const Finished finished = place.run({"run", "meets.toml"});
  EXPECT_EQ(finished.status, ExitStatus{0}) << finished.out << finished.err;
  EXPECT_EQ(finished.out.rfind("pass  three meet  (seed 42, 30 s virtual in ", 0), 0U)
      << finished.out;
  EXPECT_EQ(finished.out.find('\n'), finished.out.size() - 1) << finished.out;
  EXPECT_EQ(finished.err, "");
}

TEST(SimRun, says_when_expectations_were_met_if_asked) {
  const Place place;
  place.write("meets.toml", kMeets);
  const Finished finished = place.run({"run", "meets.toml", "-v"});
  EXPECT_NE(finished.out.find("of 20 s: connected"), std::string::npos) << finished.out;
}

TEST(SimRun, of_an_expectation_that_is_not_met_exits_3_with_the_line_that_repeats_it) {
  const Place place;
  place.write("much.toml", kAsksTooMuch);
  const Finished finished = place.run({"run", "much.toml", "--seed", "7"});
  EXPECT_EQ(finished.status, ExitStatus{3}) << finished.out << finished.err;
  EXPECT_EQ(finished.out.rfind("FAIL  asks too much  (seed 7, ", 0), 0U) << finished.out;
  EXPECT_NE(finished.out.find("unmet by 50 s: "), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("repeat: p2psim run much.toml --seed 7\n"), std::string::npos)
      << finished.out;
}

TEST(SimRun, that_ends_as_its_file_promises_has_held) {
  const Place place;
  place.write("much.toml", promising(kAsksTooMuch, "unmet", "knows_at_least"));
  const Finished finished = place.run({"run", "much.toml"});
  EXPECT_EQ(finished.status, ExitStatus{0}) << finished.out << finished.err;
  EXPECT_NE(finished.out.find("as promised, unmet"), std::string::npos) << finished.out;
}

TEST(SimRun, that_fails_otherwise_than_its_file_promises_counts_by_how_it_failed) {
  const Place place;
  place.write("much.toml", promising(kAsksTooMuch, "violated", "assertions"));
  const Finished finished = place.run({"run", "much.toml"});
  EXPECT_EQ(finished.status, ExitStatus{3}) << finished.out << finished.err;
  EXPECT_NE(finished.out.find("its file promises violated assertions"), std::string::npos)
      << finished.out;
}

TEST(SimRun, that_passes_although_its_file_promises_a_failure_exits_3) {
  const Place place;
  place.write("meets.toml", promising(kMeets, "unmet", "connected"));
  const Finished finished = place.run({"run", "meets.toml"});
  EXPECT_EQ(finished.status, ExitStatus{3}) << finished.out << finished.err;
  EXPECT_NE(finished.out.find("promises that it does not: unmet connected"), std::string::npos)
      << finished.out;
}

TEST(SimRun, that_takes_too_long_is_ended_and_counts_as_violated) {
  const Place place;
  place.write("much.toml", kAsksTooMuch);
  const Finished finished = place.run({"run", "much.toml", "--limit", "1ms"});
  EXPECT_EQ(finished.status, ExitStatus{1}) << finished.out << finished.err;
  EXPECT_NE(finished.out.find("violated assertions: the run did not end within 1 ms"),
            std::string::npos)
      << finished.out;
}

TEST(SimRun, of_several_files_the_gravest_counts) {
  const Place place;
  place.write("meets.toml", kMeets);
  place.write("much.toml", kAsksTooMuch);
  const Finished finished = place.run({"run", "much.toml", "meets.toml"});
  EXPECT_EQ(finished.status, ExitStatus{3}) << finished.err;
  EXPECT_LT(finished.out.find("FAIL  asks too much"), finished.out.find("pass  three meet"));
}

TEST(SimRun, with_a_bad_file_among_others_runs_none) {
  const Place place;
  place.write("meets.toml", kMeets);
  place.write("bad.toml", "schema = 1\nnmae = \"x\"\n");
  const Finished finished = place.run({"run", "meets.toml", "bad.toml"});
  EXPECT_EQ(finished.status, ExitStatus{2});
  EXPECT_EQ(finished.out, "");
  EXPECT_NE(finished.err.find("bad.toml:2:1: error: "), std::string::npos) << finished.err;
}

TEST(SimRun, prints_json_with_the_binding_fields) {
  const Place place;
  place.write("meets.toml", kMeets);
  place.write("much.toml", kAsksTooMuch);
  const Finished finished = place.run({"run", "meets.toml", "much.toml", "--json"});
  const auto lines = json_lines(finished.out);
  ASSERT_EQ(lines.size(), 2U) << finished.out;
  for (const Json& line : lines) {
    for (const char* key :
         {"schema", "scenario", "seed", "verdict", "virtual_s", "events", "nodes", "trace_hash",
          "expectations", "violated", "payload_bytes", "control_bytes", "repeat"}) {
      EXPECT_TRUE(line.contains(key)) << key;
    }
    EXPECT_EQ(line["schema"], 1);
    EXPECT_TRUE(line["violated"].is_null());
    EXPECT_GE(line["trace_hash"].get<std::string>().size(), 16U);
    ASSERT_EQ(line["expectations"].size(), 1U);
    EXPECT_TRUE(line["expectations"][0].contains("that"));
  }
  EXPECT_EQ(lines[0]["verdict"], "pass");
  EXPECT_EQ(lines[0]["seed"], 42);
  EXPECT_EQ(lines[0]["nodes"], 3);
  EXPECT_EQ(lines[0]["virtual_s"], 30.0);
  EXPECT_EQ(lines[0]["expectations"][0]["by_s"], 20.0);
  EXPECT_TRUE(lines[0]["expectations"][0]["met_at_s"].is_number());
  EXPECT_EQ(lines[0]["repeat"], "p2psim run meets.toml --seed 42");
  EXPECT_EQ(lines[1]["verdict"], "unmet");
  EXPECT_TRUE(lines[1]["expectations"][0]["met_at_s"].is_null());
}

TEST(SimRun, is_the_same_every_time_and_another_with_another_seed) {
  const Place place;
  place.write("much.toml", kAsksTooMuch);
  const auto hash_with = [&](const char* seed) {
    const auto lines = json_lines(place.run({"run", "much.toml", "--json", "--seed", seed}).out);
    return lines.at(0)["trace_hash"].get<std::string>();
  };
  EXPECT_EQ(hash_with("5"), hash_with("5"));
  EXPECT_NE(hash_with("5"), hash_with("6"));
}

TEST(SimRun, ends_earlier_if_told_to) {
  const Place place;
  place.write("meets.toml", kMeets);
  const auto lines = json_lines(place.run({"run", "meets.toml", "--json", "--until", "25s"}).out);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["virtual_s"], 25.0);
  EXPECT_EQ(lines[0]["repeat"], "p2psim run meets.toml --seed 42 --until 25s");
}

TEST(SimRun, writes_a_trace_a_report_and_the_faults_that_the_seed_drew) {
  const Place place;
  place.write("much.toml", kAsksTooMuch);
  const Finished finished = place.run({"run", "much.toml", "--seed", "3", "--trace", "a.trace",
                                       "--report", "a.html", "--events", "a.toml"});
  EXPECT_EQ(finished.status, ExitStatus{3}) << finished.err;
  EXPECT_NE(place.read("a.trace").find("peer[9] "), std::string::npos);
  EXPECT_NE(place.read("a.html").find("</html>"), std::string::npos);
  EXPECT_TRUE(place.has("a.toml"));
}

TEST(SimRun, that_is_traced_and_recorded_is_the_same_run) {
  const Place place;
  place.write("much.toml", kAsksTooMuch);
  const std::string plain = place.run({"run", "much.toml", "--json"}).out;
  EXPECT_EQ(place.run({"run", "much.toml", "--json", "--trace", "t", "--report", "r.html"}).out,
            plain);
}

TEST(SimRun, that_cannot_write_its_trace_says_why_and_exits_2) {
  const Place place;
  place.write("meets.toml", kMeets);
  const Finished finished = place.run({"run", "meets.toml", "--trace", "no/where"});
  EXPECT_EQ(finished.status, ExitStatus{2});
  EXPECT_EQ(finished.err, "error: can't write no/where: No such file or directory\n");
}

TEST(SimRun, that_is_misused_exits_2_with_one_sentence) {
  const Place place;
  for (const Words& words :
       std::vector<Words>{{}, {"walk"}, {"run"}, {"run", "x", "--seed", "y"}}) {
    const Finished finished = place.run(words);
    EXPECT_EQ(finished.status, ExitStatus{2});
    EXPECT_EQ(finished.out, "");
    EXPECT_EQ(finished.err.rfind("error: ", 0), 0U) << finished.err;
    EXPECT_EQ(finished.err.find('\n'), finished.err.size() - 1) << finished.err;
  }
}

}  // namespace
}  // namespace p2p::testing
