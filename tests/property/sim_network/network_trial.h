// Runs a scenario against the model. What fails is shown as a scenario file that still fails so
// when nothing more can go from it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "io_sim/run/result.h"
#include "io_sim/scenario/scenario.h"
#include "tests/property/sim_network/network_model.h"

namespace p2p::property {

// What went wrong in a run.
struct Failure {
  std::string what;              // one sentence
  std::optional<Demand> demand;  // which demand of the model was not met ...
  std::string invariant;         // ... or which invariant was violated; neither: another rule
};

// A rule of its own about a run, e.g. of how much was sent. "" where it holds. A function of the
// scenario, as shrinking asks again.
using Rule = std::function<std::string(const sim::Scenario&, const sim::Result&)>;

// The first thing that is wrong; the demands of the model come with the scenario in `expectations`.
std::optional<Failure> failure_of(const sim::Scenario& scenario, const std::vector<Demand>& demands,
                                  const Rule& rule = {});
// "" where all holds. Else what fails, the smallest scenario that fails so, and the line that runs
// it; the same on standard error, at once.
std::string told(const sim::Scenario& scenario, const Rule& rule = {});

// `scenario` with the demands as its expectations.
sim::Scenario demanding(sim::Scenario scenario, const std::vector<Demand>& demands);
// Requires that it fails: the smallest scenario that fails in the same way.
sim::Scenario smallest(const sim::Scenario& scenario, const Failure& failure,
                       const Rule& rule = {});

}  // namespace p2p::property
