// What always holds of whole networks, however they are laid out and whatever happens to them: what
// the model says of a scenario comes true, and no run violates an invariant. A network that fails
// is printed as a scenario file, shrunk.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <variant>

#include "io_sim/run/run.h"
#include "io_sim/scenario/parse.h"
#include "io_sim/scenario/write.h"
#include "tests/property/sim_network/network_generator.h"
#include "tests/property/sim_network/network_trial.h"

namespace p2p::property {
namespace {

using sim::Result;
using sim::Scenario;

// Of one case, where a network takes some milliseconds.
constexpr int kNetworks = 3;

void expect_no_failure(const Scenario& scenario, const Rule& rule = {}) {
  const std::string failure = told(scenario, rule);
  if (!failure.empty()) RC_FAIL(failure);
}

std::string hash_of(const Scenario& scenario) { return sim::run(scenario).trace_hash; }

// Each content goes once to each node that wants it, and one twentieth of all may go again, where
// an answer is late and somebody else is asked. Now and then two nodes connect with each other at
// once, and what is under way on the connection that is then closed is lost: so much as one peer
// may have been asked for, which is one content here.
std::string more_than_needed(const Scenario& scenario, const Result& result) {
  const auto needed = needed_by(scenario);
  if (!needed) return "";
  const uint64_t most = needed->bytes + needed->bytes / 20 + needed->largest;
  if (result.payload_bytes <= most) return "";
  return std::to_string(result.payload_bytes) + " bytes of payload were sent where " +
         std::to_string(needed->bytes) + " had to be";
}

RC_GTEST_PROP(NetworkProperty, what_the_model_says_of_a_network_with_faults_comes_true, ()) {
  for (int i = 0; i < 2; ++i) expect_no_failure(*any_network(NetworkKind::faulty));
}

RC_GTEST_PROP(NetworkProperty, where_nothing_goes_wrong_nothing_is_fetched_twice, ()) {
  for (int i = 0; i < kNetworks; ++i) {
    expect_no_failure(*any_network(NetworkKind::calm), more_than_needed);
  }
}

RC_GTEST_PROP(NetworkProperty, those_who_have_met_stay_together_when_others_are_taken_away, ()) {
  for (int i = 0; i < kNetworks; ++i) expect_no_failure(*any_network(NetworkKind::fading));
}

RC_GTEST_PROP(NetworkProperty, what_one_getter_has_reaches_the_others_without_its_first_holder,
              ()) {
  for (int i = 0; i < kNetworks; ++i) expect_no_failure(*any_network(NetworkKind::handed_on));
}

RC_GTEST_PROP(NetworkProperty, a_scenario_runs_the_same_again_and_from_its_file, ()) {
  Scenario scenario = *any_network(NetworkKind::faulty);
  // All events are over by then.
  scenario.stop = Duration::minutes(3);
  const std::string text = sim::write_scenario(scenario);
  RC_LOG() << text;
  const auto parsed = sim::parse_scenario(text, "written.toml");
  RC_ASSERT(std::holds_alternative<Scenario>(parsed));
  const std::string hash = hash_of(scenario);
  RC_ASSERT(hash_of(scenario) == hash);
  RC_ASSERT(hash_of(std::get<Scenario>(parsed)) == hash);
}

}  // namespace
}  // namespace p2p::property
