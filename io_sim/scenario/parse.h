// Reads a scenario file (TOML 1.0). Strict: an unknown key, a wrong unit, a value of the wrong
// kind, a node, content or claim that does not exist is an error with its place; all that are found
// in one reading are given, in the order of the file.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

struct ScenarioError {
  std::string file;
  uint32_t line = 1;    // from 1
  uint32_t column = 1;  // from 1, in characters
  std::string message;  // one sentence without capital and full stop: what is wrong, what to do
  std::string source;   // the line, as it stands in the file

  // Three lines, each ended: "FILE:LINE:COLUMN: error: MESSAGE", the line, and a caret under the
  // column.
  std::string text() const;
};

using ParsedScenario = std::variant<Scenario, std::vector<ScenarioError>>;

// `file` is only for messages. Names of invariants are checked against `known_invariants` unless it
// is empty: they are io_sim/check's.
ParsedScenario parse_scenario(std::string_view toml, const std::string& file,
                              std::span<const std::string_view> known_invariants = {});

}  // namespace p2p::sim
