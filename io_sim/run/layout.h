// Where the nodes of a scenario live: names, addresses, ports, configurations.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/base/digest.h"
#include "io_sim/check/view.h"
#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

// In the order of the groups. Addresses are public IPv4 ones; a network is a /16. A server listens
// on port 8100, others from 20,000 up. `id_of` a
// content: nodes that are to be near it are on that of kPortsTried ports whose place
// (engine/overlay/place.h) is nearest to it.
inline constexpr uint16_t kPortsTried = 16'384;
std::vector<NodeFacts> lay_out(const Scenario& scenario,
                               const std::function<Digest(const std::string&)>& id_of);

// Where `from` reaches `to`: over loopback on the same host.
Endpoint reachable_at(const NodeFacts& to, const NodeFacts& from);

}  // namespace p2p::sim
