// Scenarios as text, for tests of reading and writing.
#pragma once

#include <string>
#include <string_view>

#include "io_sim/scenario/parse.h"

namespace p2p::sim {

// "schema = 1", a node "boot" and a group of 40 called "peer", then `rest`.
std::string with_nodes(std::string_view rest);
// Of a text that has no errors; else the test fails and the scenario is empty.
Scenario read_well(std::string_view toml);
// The texts of all errors, one behind the other; "" when there is none. The file is "s.toml".
std::string errors_of(std::string_view toml);

}  // namespace p2p::sim
