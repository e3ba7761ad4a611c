#include "tests/unit/sim_scenario/scenario_text.h"

#include <gtest/gtest.h>

namespace p2p::sim {

std::string with_nodes(std::string_view rest) {
  return "schema = 1\n"
         "nodes = [{ id = \"boot\", server = true }, { id = \"peer\", count = 40 }]\n" +
         std::string(rest);
}

Scenario read_well(std::string_view toml) {
  const ParsedScenario parsed = parse_scenario(toml, "s.toml");
  EXPECT_EQ(errors_of(toml), "");
  const auto* scenario = std::get_if<Scenario>(&parsed);
  return scenario != nullptr ? *scenario : Scenario();
}

std::string errors_of(std::string_view toml) {
  const ParsedScenario parsed = parse_scenario(toml, "s.toml");
  std::string text;
  if (const auto* errors = std::get_if<std::vector<ScenarioError>>(&parsed)) {
    for (const ScenarioError& error : *errors) text += error.text();
  }
  return text;
}

}  // namespace p2p::sim
