// One HTML file that opens anywhere without a network. The same run gives the same bytes.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "io_sim/run/recording.h"
#include "io_sim/run/result.h"

namespace p2p::sim {

// `repeat` is the command line that repeats the run.
void write_report(std::ostream& out, const Result& result, const Recording& recording,
                  const std::string& repeat);

// The grid of a sweep's seeds, failures grouped by what failed.
struct SweepCell {
  Result result;
  bool as_promised = true;
  std::string repeat;
};
void write_sweep_report(std::ostream& out, const std::string& title,
                        const std::vector<SweepCell>& cells);

}  // namespace p2p::sim
