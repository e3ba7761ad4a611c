// Scenario files, read from disk.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/common/talk.h"
#include "io_sim/scenario/scenario.h"

namespace p2p::sim::program {

struct ScenarioFile {
  std::string path;
  Scenario scenario;
};

// All of them, in the order given; nullopt if one can't be read or is wrong. Then everything that
// is wrong with any of them has been said: mistakes in a file as "FILE:LINE:COLUMN: error: ..."
// with the line and a caret, on standard error.
std::optional<std::vector<ScenarioFile>> load_scenarios(const std::vector<std::string>& paths,
                                                        app::Talk& talk);

}  // namespace p2p::sim::program
