// The swarms in which the exchange is measured, and what is asked of it there.
#pragma once

#include <vector>

#include "tests/bench/runs/runs.h"

namespace p2p::bench {

// One content of 256 pieces, its node piece among them, from one seeder to 100 leechers.
std::vector<Line> usual_swarms();
// To 1,000.
std::vector<Line> large_swarms();

}  // namespace p2p::bench
