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

// Dead nodes are left out, but for `running`, `not_running`, `holds` and
// `dials_per_minute_at_most`. Where none of the nodes is
// running, what asks for something does not hold (connected, knows_at_least, knows, wants_nothing,
// connected_to, diameter_at_most, degree_at_least, honest_neighbours_at_least), what forbids
// something does. Of nodes that are not honest only connections can be seen, and the store of a
// legacy one.
Finding look_at(const Condition& condition, const Scenario& scenario, const View& view);

}  // namespace p2p::sim
