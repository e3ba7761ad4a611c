// The settings that `node = { ... }` of a scenario may give: every number of Limits, by name, and
// what else of a Config makes sense in a simulation. One table, for parsing, application and
// documentation.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/core/config.h"

namespace p2p::sim {

struct NodeOption {
  std::string_view name;  // "pex_interval"
  std::string_view kind;  // "duration", "size", "count"
  // Takes the value as written ("10s", "64KiB", "40"). Returns what is wrong with it, as a clause,
  // or "".
  std::string (*apply)(Config& config, std::string_view value) = nullptr;
};

std::span<const NodeOption> node_options();
// nullptr when there is none of that name.
const NodeOption* find_node_option(std::string_view name);

}  // namespace p2p::sim
