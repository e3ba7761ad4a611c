// Nodes that stand side by side and belong to one group of the scenario: "peer[0]" to "peer[9]".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "io_sim/run/recording.h"

namespace p2p::sim {

struct NodeRow {
  std::string name;  // "boot", "peer[3]", "peer[0..9]"
  size_t first = 0;  // in Recording::nodes
  size_t last = 0;
};

// "peer" of "peer[3]".
std::string_view group_of(std::string_view node_name);
// Rows of at most `each` nodes, none across the border of a group.
std::vector<NodeRow> rows_of_nodes(const Recording& recording, size_t each);

}  // namespace p2p::sim
