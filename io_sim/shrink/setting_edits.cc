// Settings back to their defaults.
#include <cstddef>

#include "io_sim/shrink/edits.h"

namespace p2p::sim {
namespace {

// One edit for each member of `whole`, which `in` finds in a scenario, that is not as in a new one.
template <class Whole>
class Resets {
 public:
  Resets(Edits& edits, const Whole& whole, std::function<Whole&(Scenario&)> in)
      : edits_(edits), whole_(whole), in_(std::move(in)) {}

  template <class Member>
  void add(Member Whole::*member) {
    if (whole_.*member == fresh_.*member) return;
    edits_.emplace_back(
        [in = in_, member, value = fresh_.*member](Scenario& s) { in(s).*member = value; });
  }

 private:
  Edits& edits_;
  const Whole& whole_;
  Whole fresh_;
  std::function<Whole&(Scenario&)> in_;
};

}  // namespace

Edits group_setting_edits(const Scenario& scenario) {
  Edits edits;
  for (size_t g = 0; g < scenario.nodes.size(); ++g) {
    const NodeGroup& group = scenario.nodes[g];
    Resets<NodeGroup> resets(edits, group, [g](Scenario& s) -> NodeGroup& { return s.nodes[g]; });
    resets.add(&NodeGroup::behaviour);
    resets.add(&NodeGroup::inbound);
    resets.add(&NodeGroup::host);
    resets.add(&NodeGroup::near);
    resets.add(&NodeGroup::networks);
    resets.add(&NodeGroup::bandwidth);
    resets.add(&NodeGroup::latency);
    resets.add(&NodeGroup::clock);
    resets.add(&NodeGroup::disk);
    resets.add(&NodeGroup::started);
    resets.add(&NodeGroup::start_every);
    resets.add(&NodeGroup::start_at);
    resets.add(&NodeGroup::server);
    if (group.count == 1) resets.add(&NodeGroup::single);
  }
  return edits;
}

Edits network_setting_edits(const Scenario& scenario) {
  Edits edits;
  Resets<NetworkModel> resets(edits, scenario.network,
                              [](Scenario& s) -> NetworkModel& { return s.network; });
  resets.add(&NetworkModel::loss);
  resets.add(&NetworkModel::jitter);
  resets.add(&NetworkModel::chunks);
  resets.add(&NetworkModel::bandwidth);
  resets.add(&NetworkModel::queue);
  resets.add(&NetworkModel::latency);
  return edits;
}

Edits event_setting_edits(const Scenario& scenario) {
  Edits edits;
  for (size_t e = 0; e < scenario.events.size(); ++e) {
    Resets<ScriptedEvent> resets(edits, scenario.events[e],
                                 [e](Scenario& s) -> ScriptedEvent& { return s.events[e]; });
    resets.add(&ScriptedEvent::when);
    resets.add(&ScriptedEvent::peers);
    resets.add(&ScriptedEvent::oneway);
    resets.add(&ScriptedEvent::lasts);
    resets.add(&ScriptedEvent::restart_after);
    resets.add(&ScriptedEvent::disk);
    resets.add(&ScriptedEvent::one_in);
    resets.add(&ScriptedEvent::latency);
    resets.add(&ScriptedEvent::bandwidth);
    resets.add(&ScriptedEvent::loss);
  }
  return edits;
}

Edits other_setting_edits(const Scenario& scenario) {
  Edits edits;
  if (scenario.swarm) {
    for (size_t i = 0; i < scenario.swarm->families.size(); ++i) {
      edits.emplace_back([i](Scenario& s) {
        auto& families = s.swarm->families;
        families.erase(families.begin() + static_cast<ptrdiff_t>(i));
        if (families.empty()) s.swarm.reset();
      });
    }
  }
  Resets<Scenario> resets(edits, scenario, [](Scenario& s) -> Scenario& { return s; });
  resets.add(&Scenario::invariants);
  resets.add(&Scenario::no_invariants);
  resets.add(&Scenario::piece_size);
  return edits;
}

}  // namespace p2p::sim
