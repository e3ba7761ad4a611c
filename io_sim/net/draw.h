// Draws from the distributions of a scenario, with integers alone: the same with every compiler and
// library.
#pragma once

#include <cstdint>

#include "engine/base/random.h"
#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

bool happens(Probability probability, Random& random);
Duration draw_latency(const LatencyLaw& law, Random& random);
// Exponentially distributed with this mean, at most 22 times as long.
Duration draw_exponential(Duration mean, Random& random);

}  // namespace p2p::sim
