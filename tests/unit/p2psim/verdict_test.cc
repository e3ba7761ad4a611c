#include "apps/p2psim/verdict.h"

#include <gtest/gtest.h>

namespace p2p::sim::program::verdict_test {
namespace {

Result result_with(Verdict verdict) {
  Result result;
  result.scenario = "three meet";
  result.seed = 42;
  result.verdict = verdict;
  result.virtual_time = Duration::minutes(5);
  result.events = 123456;
  result.nodes = 40;
  result.trace_hash = "0123456789abcdef";
  return result;
}

Result violated(const std::string& invariant, const std::string& detail) {
  Result result = result_with(Verdict::violated);
  result.violated = Violation{invariant, Time::from_ns(12'500'000'000), "peer[3]", detail};
  return result;
}

Result unmet() {
  Result result = result_with(Verdict::unmet);
  result.expectations = {{"boot running", Duration::seconds(9), Duration::seconds(3), ""},
                         {"peer[*] connected", Duration::minutes(4), std::nullopt, "two parts"}};
  return result;
}

const ScenarioFile kFile{"dir/a b.toml", Scenario()};
RunPlan plan() {
  RunPlan plan;
  plan.file = &kFile;
  plan.seed = 42;
  return plan;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(ExitCode, follows_the_verdict) {
  const Promise promise;
  EXPECT_EQ(exit_code_of(result_with(Verdict::pass), promise), ExitCode::held);
  EXPECT_EQ(exit_code_of(violated("x", "y"), promise), ExitCode::violated);
  EXPECT_EQ(exit_code_of(unmet(), promise), ExitCode::unmet);
  EXPECT_EQ(exit_code_of(result_with(Verdict::nondeterministic), promise),
            ExitCode::nondeterministic);
}

TEST(ExitCode, of_a_run_that_ends_as_promised_is_that_of_one_that_held) {
  EXPECT_EQ(exit_code_of(violated("x", "y"), {Verdict::violated, "x"}), ExitCode::held);
  EXPECT_EQ(exit_code_of(unmet(), {Verdict::unmet, ""}), ExitCode::held);
}

TEST(ExitCode, of_one_that_does_not_is_its_verdict_s) {
  EXPECT_EQ(exit_code_of(violated("x", "y"), {Verdict::violated, "z"}), ExitCode::violated);
  EXPECT_EQ(exit_code_of(violated("x", "y"), {Verdict::unmet, ""}), ExitCode::violated);
  EXPECT_EQ(exit_code_of(unmet(), {Verdict::violated, ""}), ExitCode::unmet);
}

TEST(ExitCode, of_one_that_passes_although_it_promised_to_fail_is_that_of_an_expectation) {
  EXPECT_EQ(exit_code_of(result_with(Verdict::pass), {Verdict::violated, "x"}), ExitCode::unmet);
}

TEST(ExitCode, of_several_is_the_gravest) {
  using enum ExitCode;
  EXPECT_EQ(graver(held, unmet), unmet);
  EXPECT_EQ(graver(unmet, nondeterministic), nondeterministic);
  EXPECT_EQ(graver(nondeterministic, violated), violated);
  EXPECT_EQ(graver(violated, unmet), violated);
  EXPECT_EQ(graver(held, held), held);
}

TEST(Agreed, two_runs_that_came_to_the_same_are_one) {
  const RunEnd run{result_with(Verdict::pass), Duration(), false};
  EXPECT_EQ(agreed(run, run).verdict, Verdict::pass);
}

TEST(Agreed, two_hashes_for_one_seed_are_nondeterministic_whatever_the_verdicts) {
  RunEnd first{violated("x", "y"), Duration(), false};
  RunEnd second = first;
  second.result.trace_hash = "fedcba9876543210";
  EXPECT_EQ(agreed(first, second).verdict, Verdict::nondeterministic);
}

TEST(Agreed, a_run_that_died_differs_from_one_that_did_not) {
  const RunEnd first{result_with(Verdict::pass), Duration(), false};
  RunEnd second{violated(std::string(kAssertionInvariant), "a.cc:1"), Duration(), false};
  second.result.trace_hash.clear();
  EXPECT_EQ(agreed(first, second).verdict, Verdict::nondeterministic);
}

TEST(Agreed, real_time_that_ran_out_says_nothing_of_determinism) {
  const RunEnd whole{result_with(Verdict::pass), Duration(), false};
  RunEnd cut{violated(std::string(kAssertionInvariant), "too long"), Duration(), true};
  EXPECT_EQ(agreed(whole, cut).verdict, Verdict::pass);
  EXPECT_EQ(agreed(cut, whole).verdict, Verdict::pass);
  EXPECT_EQ(agreed(cut, cut).verdict, Verdict::violated);
}

TEST(Headline, says_what_a_person_asks_first) {
  EXPECT_EQ(headline({result_with(Verdict::pass), Duration::milliseconds(314), false}, {}),
            "pass  three meet  (seed 42, 5 min virtual in 0.31 s, 40 nodes, 123,456 events, hash "
            "0123456789abcdef)");
  EXPECT_EQ(headline({unmet(), Duration::seconds(75), false}, {}).rfind("FAIL  three meet", 0), 0U);
}

TEST(Headline, of_a_run_that_died_claims_neither_time_nor_hash) {
  Result dead = violated(std::string(kAssertionInvariant), "a.cc:1");
  dead.trace_hash.clear();
  EXPECT_EQ(headline({dead, Duration::milliseconds(2050), false}, {}),
            "FAIL  three meet  (seed 42, ended after 2.05 s, 40 nodes)");
}

TEST(Details, of_a_run_that_holds_are_none) {
  EXPECT_TRUE(details(result_with(Verdict::pass), {}, plan(), false).empty());
}

TEST(Details, of_a_violation_name_time_node_and_the_line_that_repeats_it) {
  const std::string text = joined(details(violated("some_rule", "it broke"), {}, plan(), false));
  EXPECT_NE(text.find("violated some_rule at 12.500000000 s at peer[3]: it broke"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("repeat: p2psim run 'dir/a b.toml' --seed 42\n"), std::string::npos) << text;
}

TEST(Details, of_an_assertion_claim_no_time) {
  const std::string name(kAssertionInvariant);
  const std::string text = joined(details(violated(name, "a.cc:1: x"), {}, plan(), false));
  EXPECT_NE(text.find("violated " + name + " at peer[3]: a.cc:1: x"), std::string::npos) << text;
}

TEST(Details, name_the_expectations_that_were_not_met_and_others_only_when_asked) {
  const std::string text = joined(details(unmet(), {}, plan(), false));
  EXPECT_NE(text.find("unmet by 4 min: peer[*] connected; two parts"), std::string::npos) << text;
  EXPECT_EQ(text.find("boot running"), std::string::npos) << text;
  const std::string verbose = joined(details(unmet(), {}, plan(), true));
  EXPECT_NE(verbose.find("met at 3 s of 9 s: boot running"), std::string::npos) << verbose;
}

TEST(Details, say_that_a_failure_was_promised) {
  const std::string text =
      joined(details(violated("x", "y"), {Verdict::violated, ""}, plan(), false));
  EXPECT_EQ(text, "      as promised, violated x at 12.500000000 s at peer[3]: y\n");
}

TEST(Details, say_what_was_promised_and_not_kept) {
  const Promise promise{Verdict::violated, "verified_pieces"};
  const std::string passed = joined(details(result_with(Verdict::pass), promise, plan(), false));
  EXPECT_NE(passed.find("promises that it does not: violated verified_pieces"), std::string::npos)
      << passed;
  const std::string otherwise = joined(details(unmet(), promise, plan(), false));
  EXPECT_NE(otherwise.find("its file promises violated verified_pieces"), std::string::npos)
      << otherwise;
}

TEST(Details, of_two_runs_that_differ_say_how_to_see_where) {
  const std::string text =
      joined(details(result_with(Verdict::nondeterministic), {}, plan(), false));
  EXPECT_NE(text.find("--seed 42 --trace a.trace; p2psim run 'dir/a b.toml' --seed 42 --trace "
                      "b.trace; p2psim diff a.trace b.trace"),
            std::string::npos)
      << text;
}

TEST(RepeatLine, keeps_an_earlier_end_as_it_was_typed) {
  RunPlan until = plan();
  until.until = TypedDuration{Duration::seconds(90), "90s"};
  EXPECT_EQ(repeat_line(until), "p2psim run 'dir/a b.toml' --seed 42 --until 90s");
}

TEST(FailureName, tells_assertions_apart_and_names_expectations) {
  EXPECT_EQ(failure_name(violated("x", "y"), {}), "x");
  EXPECT_EQ(failure_name(violated(std::string(kAssertionInvariant), "a.cc:1"), {}),
            std::string(kAssertionInvariant) + ": a.cc:1");
  EXPECT_EQ(failure_name(unmet(), {}), "peer[*] connected");
}

}  // namespace
}  // namespace p2p::sim::program::verdict_test
