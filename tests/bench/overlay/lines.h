// The networks in which the overlay is measured, and what is asked of it there.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/overlay/measure.h"

namespace p2p::bench {

// One network: a scenario file without expectations, and what is measured in it.
struct Line {
  std::string name;  // one word
  std::string about;
  std::string toml;
  std::vector<Measure> measures;
};

// The networks of up to 1,000 nodes (the attack by addresses has 2,500).
std::vector<Line> usual_lines();
// The network of 10,000.
std::vector<Line> large_lines();

}  // namespace p2p::bench
