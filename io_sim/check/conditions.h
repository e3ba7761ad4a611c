// Whether a claim of a scenario holds at this moment.
#pragma once

#include <string>

#include "io_sim/check/view.h"
#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

struct Finding {
  bool holds = false;
  // What is there instead, as a clause with figures and names: "peer[7] knows 2 endpoints, 3 are
  // asked for". Empty when it holds.
  std::string instead;
};

// Dead nodes are left out, but for `running`, `not_running` and `holds`.
Finding look_at(const Condition& condition, const Scenario& scenario, const View& view);

}  // namespace p2p::sim
