#include "apps/p2psim/failure.h"

#include <gtest/gtest.h>

namespace p2p::sim::program {
namespace {

Result violated(const std::string& invariant, const std::string& detail) {
  Result result;
  result.verdict = Verdict::violated;
  result.violated = Violation{invariant, Time(), "peer[0]", detail};
  return result;
}

TEST(FailureOf, a_run_that_passes_is_none) {
  EXPECT_FALSE(failure_of(Result(), Scenario()).has_value());
}

TEST(FailureOf, an_invariant_is_alike_whatever_its_detail) {
  EXPECT_EQ(failure_of(violated("verified_pieces", "one"), Scenario()),
            failure_of(violated("verified_pieces", "another"), Scenario()));
  EXPECT_NE(failure_of(violated("verified_pieces", "one"), Scenario()),
            failure_of(violated("dead_forgotten", "one"), Scenario()));
}

TEST(FailureOf, assertions_are_told_apart_by_their_text) {
  const std::string name(kAssertionInvariant);
  EXPECT_EQ(failure_of(violated(name, "a.cc:1: x"), Scenario()),
            failure_of(violated(name, "a.cc:1: x"), Scenario()));
  EXPECT_NE(failure_of(violated(name, "a.cc:1: x"), Scenario()),
            failure_of(violated(name, "a.cc:2: y"), Scenario()));
}

TEST(FailureOf, an_expectation_is_known_by_the_claim_of_the_first_that_was_not_met) {
  Scenario scenario;
  scenario.expectations.resize(2);
  scenario.expectations[0].condition.that = Claim::connected;
  scenario.expectations[1].condition.that = Claim::holds;
  Result result;
  result.verdict = Verdict::unmet;
  result.expectations = {{"connected", Duration::seconds(9), Duration::seconds(3), ""},
                         {"peer[*] holds film", Duration::seconds(9), std::nullopt, "nobody"}};
  const auto failure = failure_of(result, scenario);
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->verdict, Verdict::unmet);
  EXPECT_EQ(failure->because, "holds");
}

}  // namespace
}  // namespace p2p::sim::program
