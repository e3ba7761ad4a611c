// What can go from a scenario, each as an edit of its own: the table that shrinking works through.
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

// Takes one thing away. Several edits of one list are applied from the last to the first, so that
// taking an element from a vector does not move those that are still to go.
using Edit = std::function<void(Scenario&)>;
using Edits = std::vector<Edit>;

struct Pass {
  std::string_view name;  // "events"
  Edits (*edits)(const Scenario& scenario);
};
// In the order in which they pay best.
std::span<const Pass> passes();

// Of groups, network, events, and the rest: what is not as it is by default is set so
// (setting_edits.cc).
Edits group_setting_edits(const Scenario& scenario);
Edits network_setting_edits(const Scenario& scenario);
Edits event_setting_edits(const Scenario& scenario);
Edits other_setting_edits(const Scenario& scenario);

}  // namespace p2p::sim
