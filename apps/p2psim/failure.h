// In which way a run failed: what a smaller scenario must fail in too.
#pragma once

#include <optional>
#include <string>

#include "io_sim/run/result.h"
#include "io_sim/scenario/scenario.h"

namespace p2p::sim::program {

struct Failure {
  Verdict verdict = Verdict::violated;
  std::string because;  // the invariant's name, or the claim's
  std::string text;     // of an assertion: which
  friend bool operator==(const Failure&, const Failure&) = default;
};

// nullopt: it passes. `result` is of a run of `scenario`.
std::optional<Failure> failure_of(const Result& result, const Scenario& scenario);

}  // namespace p2p::sim::program
