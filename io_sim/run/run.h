// Runs a scenario: a function of (scenario, seed, version) and nothing else. Thread rule: a run
// belongs to one thread; runs share nothing.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>

#include "io_sim/run/recording.h"
#include "io_sim/run/result.h"
#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

struct RunOptions {
  std::optional<uint64_t> seed;    // in place of the scenario's
  std::optional<Duration> until;   // in place of its stop
  std::ostream* trace = nullptr;   // text goes there; not owned
  Recording* recording = nullptr;  // filled for a report; not owned
};

Result run(const Scenario& scenario, const RunOptions& options = {});

}  // namespace p2p::sim
