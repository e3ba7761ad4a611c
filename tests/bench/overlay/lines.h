// The networks in which the overlay is measured, and what is asked of it there.
#pragma once

#include <vector>

#include "tests/bench/runs/runs.h"

namespace p2p::bench {

// The networks of up to 1,000 nodes (the attack by addresses has 2,500).
std::vector<Line> usual_lines();
// The network of 10,000.
std::vector<Line> large_lines();

}  // namespace p2p::bench
