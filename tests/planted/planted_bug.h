// A mistake planted in the engine: what its patch says of it, the program that makes it, and what a
// run of that program comes to.
//
// A patch begins with lines "Key: value", up to the first that is none:
//   Bug          what the mistake is, in a sentence
//   Invariant    the one that must be broken; or
//   Expectation  the claim of the scenario's expectation that must not be met
//   Scenario     what is swept, a path from the root of the sources
//   Seeds        "A..B", at most 200 of them
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/process.h"

namespace p2p::testing {

using Json = nlohmann::json;

struct PlantedBug {
  std::string name;
  std::string bug;
  std::string verdict;  // "violated" or "unmet"
  std::string because;  // the invariant or the claim
  std::string scenario;
  uint64_t first_seed = 0;
  uint64_t last_seed = 0;

  std::string program() const;    // p2psim with the mistake
  std::string kept_file() const;  // a scenario that shows it, as small as it gets
  // Whether a run, a line of --json, failed as this mistake must.
  bool is_shown_by(const Json& run) const;
  friend std::ostream& operator<<(std::ostream& out, const PlantedBug& bug);
};

// All that are in tests/planted/bugs, by name. Throws std::runtime_error when one can't be read.
std::vector<PlantedBug> planted_bugs();

// The one without a mistake.
std::string shipped_program();

// One run of a file; throws when it says nothing that can be read.
Json run_of(const std::string& program, const std::string& file);
// The first run of a sweep that did not end as the file says. Stops soon after it.
std::optional<Json> first_failure(const PlantedBug& bug);

}  // namespace p2p::testing
