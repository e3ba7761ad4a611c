// Results and recordings that no simulation made, for looking at reports.
#pragma once

#include <vector>

#include "io_sim/report/report.h"
#include "io_sim/run/recording.h"
#include "io_sim/run/result.h"

namespace p2p::sim::testing {

struct MadeUpRun {
  Result result;
  Recording recording;
};

// Twelve nodes fetch a content through a partition; peer[7] asks twice and breaks an invariant.
MadeUpRun failing_run();
// `nodes` nodes, one of them crashed and two hostile, that all get what they want.
MadeUpRun passing_run(uint32_t nodes);
// `seeds` of them, of which every 40th fails in one way and every 90th in another.
std::vector<SweepCell> sweep_cells(uint64_t seeds);

}  // namespace p2p::sim::testing
