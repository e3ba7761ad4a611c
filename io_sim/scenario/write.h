// Writes a scenario as a scenario file, as short as it can: what has its default value is left out.
// parse_scenario reads back an equal Scenario.
#pragma once

#include <string>
#include <vector>

#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

std::string write_scenario(const Scenario& scenario);
// The events alone, of a run of `scenario`: what `p2psim run --events FILE` shows of the faults
// that a seed drew.
std::string write_events(const Scenario& scenario, const std::vector<ScriptedEvent>& events);

}  // namespace p2p::sim
