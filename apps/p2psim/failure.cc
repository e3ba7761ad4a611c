#include "apps/p2psim/failure.h"

#include <cstddef>

#include "io_sim/scenario/names.h"

namespace p2p::sim::program {
namespace {

// Results list expectations in the order of the scenario.
std::string unmet_claim(const Result& result, const Scenario& scenario) {
  for (size_t i = 0; i < result.expectations.size() && i < scenario.expectations.size(); ++i) {
    if (result.expectations[i].met_at) continue;
    return std::string(name_of(claim_names(), scenario.expectations[i].condition.that));
  }
  return {};
}

}  // namespace

std::optional<Failure> failure_of(const Result& result, const Scenario& scenario) {
  switch (result.verdict) {
    case Verdict::pass:
      return std::nullopt;
    case Verdict::violated: {
      if (!result.violated) return Failure{result.verdict, {}, {}};
      const bool is_assertion = result.violated->invariant == kAssertionInvariant;
      return Failure{result.verdict, result.violated->invariant,
                     is_assertion ? result.violated->detail : std::string()};
    }
    case Verdict::unmet:
      return Failure{result.verdict, unmet_claim(result, scenario), {}};
    case Verdict::nondeterministic:
      break;
  }
  return Failure{result.verdict, {}, {}};
}

}  // namespace p2p::sim::program
