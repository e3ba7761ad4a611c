// Runs a scenario: a function of (scenario, seed, version) and nothing else. Thread rule: a run
// belongs to one thread; runs share nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>

#include "io_sim/check/view.h"
#include "io_sim/run/recording.h"
#include "io_sim/run/result.h"
#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

// Called each virtual second, after everything that is due by then, with what there is to see.
using EachSecond = std::function<void(const View&)>;

struct RunOptions {
  std::optional<uint64_t> seed;    // in place of the scenario's
  std::optional<Duration> until;   // in place of its stop
  std::ostream* trace = nullptr;   // text goes there; not owned
  Recording* recording = nullptr;  // filled for a report; not owned
  EachSecond each_second;          // may be empty; watching changes nothing
};

Result run(const Scenario& scenario, const RunOptions& options = {});

}  // namespace p2p::sim
