// Random scenarios that a file may say, so that parse_scenario accepts what write_scenario makes of
// them. They need not pass when they run.
#pragma once

#include <rapidcheck.h>

#include "io_sim/scenario/scenario.h"

namespace p2p::property {

// Few nodes, every key now and then, a swarm in half of them.
rc::Gen<sim::Scenario> any_scenario();
// The same with a swarm of any families.
rc::Gen<sim::Scenario> any_swarm_scenario();

}  // namespace p2p::property
