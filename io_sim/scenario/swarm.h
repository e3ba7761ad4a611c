// Draws the faults of a [swarm] for one seed and writes them out as plain events.
#pragma once

#include <cstdint>
#include <vector>

#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

// No fault begins before the first second is over, and Swarm::until leaves another one at least.
inline constexpr Duration kFaultsFrom = Duration::seconds(1);
inline constexpr Duration kShortestSwarm = Duration::seconds(2);

// The faults that `seed` draws, in order of time; empty without a [swarm]. First which families
// are on at all, then how hard. Each fault is drawn from a stream keyed by seed, family and node,
// so that taking a node or a family away does not change the others. All of them have ended by
// Swarm::until: partitions, clogs and links heal, crashed and killed nodes are back, disks are
// good. Only honest nodes go down, and none that the scenario's own events start or end.
std::vector<ScriptedEvent> draw_faults(const Scenario& scenario, uint64_t seed);

// The same scenario with those events in place of its [swarm], and `seed` as its seed. The family
// `clock` has no events: it changes the clocks of groups that have none of their own.
Scenario written_out(const Scenario& scenario, uint64_t seed);

}  // namespace p2p::sim
