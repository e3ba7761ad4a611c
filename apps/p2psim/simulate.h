// One run of a scenario in a child process (isolate.h), and what is made of its end.
#pragma once

#include <optional>
#include <string>

#include "apps/p2psim/isolate.h"
#include "apps/p2psim/options.h"
#include "apps/p2psim/scenario_file.h"
#include "io_sim/run/result.h"

namespace p2p::sim::program {

struct RunPlan {
  const ScenarioFile* file = nullptr;
  uint64_t seed = 0;
  std::optional<TypedDuration> until;
  std::string trace;  // these three: a path, or empty
  std::string report;
  std::string events;
};

// "p2psim run FILE --seed N", for a POSIX shell.
std::string repeat_line(const RunPlan& plan);

// For a child of its own. The plan is copied; its file outlives the work.
Children::Work work_of(const RunPlan& plan);

struct RunEnd {
  Result result;
  Duration took;          // real time
  bool too_long = false;  // result says so, and nothing else of it counts
};
// A child that died is a Result too: violated, kAssertionInvariant, the cause as its detail.
// Requires that it did not refuse.
RunEnd end_of(const Ended& ended, const Scenario& scenario, uint64_t seed);

}  // namespace p2p::sim::program
