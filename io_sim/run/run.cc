#include "io_sim/run/run.h"

#include "io_sim/run/simulation.h"
#include "io_sim/scenario/swarm.h"

namespace p2p::sim {

Result run(const Scenario& scenario, const RunOptions& options) {
  const uint64_t seed = options.seed.value_or(scenario.seed);
  if (!scenario.swarm) return Simulation(scenario, options).run();
  const Scenario drawn = written_out(scenario, seed);
  return Simulation(drawn, options).run();
}

bool as_promised(const Result& result, const Promise& promise) {
  if (result.verdict != promise.verdict) return false;
  if (promise.because.empty()) return true;
  switch (result.verdict) {
    case Verdict::violated:
      return result.violated && result.violated->invariant == promise.because;
    case Verdict::unmet:
      for (const ExpectationResult& expectation : result.expectations) {
        if (expectation.met_at) continue;
        if (expectation.that.find(promise.because) != std::string::npos) return true;
      }
      return false;
    case Verdict::pass:
    case Verdict::nondeterministic:
      return true;
  }
  return false;
}

}  // namespace p2p::sim
