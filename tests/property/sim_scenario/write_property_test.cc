// What is written is read back the same.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "io_sim/scenario/parse.h"
#include "io_sim/scenario/quantities.h"
#include "io_sim/scenario/write.h"
#include "tests/property/sim_scenario/scenario_generator.h"

namespace p2p::sim {
namespace {

using property::any_scenario;

std::string errors_text(const ParsedScenario& parsed) {
  std::string text;
  if (const auto* errors = std::get_if<std::vector<ScenarioError>>(&parsed)) {
    for (const ScenarioError& error : *errors) text += error.text();
  }
  return text;
}

RC_GTEST_PROP(WrittenScenario, reads_back_as_the_same, ()) {
  const Scenario scenario = *any_scenario();
  const std::string text = write_scenario(scenario);
  RC_LOG() << text;
  const ParsedScenario parsed = parse_scenario(text, "written.toml");
  RC_ASSERT(errors_text(parsed) == "");
  RC_ASSERT(std::get<Scenario>(parsed) == scenario);
}

RC_GTEST_PROP(WrittenEvents, read_back_as_the_same_behind_the_nodes, ()) {
  Scenario scenario = *any_scenario();
  const std::vector<ScriptedEvent> events = std::move(scenario.events);
  scenario.events.clear();
  const std::string text = write_events(scenario, events) + write_scenario(scenario);
  RC_LOG() << text;
  const ParsedScenario parsed = parse_scenario(text, "written.toml");
  RC_ASSERT(errors_text(parsed) == "");
  RC_ASSERT(std::get<Scenario>(parsed).events == events);
}

RC_GTEST_PROP(WrittenProbability, reads_back_as_the_same, ()) {
  const auto all = rc::gen::inRange<uint64_t>(0, Probability::kOne + 1);
  const uint64_t parts = *rc::gen::resize(rc::kNominalSize, all);
  const std::string text = probability_text(Probability{parts});
  RC_ASSERT(probability_of(std::stod(text)) == Probability{parts});
  RC_ASSERT(text.size() <= 12);
}

RC_GTEST_PROP(WrittenRate, reads_back_as_the_same, (uint64_t rate)) {
  RC_ASSERT(parse_rate(rate_text(rate)) == rate);
}

}  // namespace
}  // namespace p2p::sim
