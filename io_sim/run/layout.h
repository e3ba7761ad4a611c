// Where the nodes of a scenario live: names, addresses, ports, configurations.
#pragma once

#include <string>
#include <vector>

#include "io_sim/check/view.h"
#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

// In the order of the groups. Addresses are public IPv4 ones; a network is a /16. A server listens
// on port 8100, others from 20,000 up.
std::vector<NodeFacts> lay_out(const Scenario& scenario);

// Where `from` reaches `to`: over loopback on the same host.
Endpoint reachable_at(const NodeFacts& to, const NodeFacts& from);

}  // namespace p2p::sim
