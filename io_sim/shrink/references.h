// Taking nodes and contents away, with all that refers to them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

// The nodes behind it move up by one, and what names them follows. What named only this node goes:
// an event, an expectation. The last node of a group takes the group with it.
void remove_node(Scenario& scenario, size_t group, uint32_t node);
void remove_group(Scenario& scenario, size_t group);
// Nobody shares or wants it any more, and nothing is expected of it.
void remove_content(Scenario& scenario, const std::string& id);

}  // namespace p2p::sim
