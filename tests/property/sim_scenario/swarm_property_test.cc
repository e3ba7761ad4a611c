// Faults that a seed draws keep to their time, and to themselves.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "io_sim/scenario/parse.h"
#include "io_sim/scenario/swarm.h"
#include "io_sim/scenario/write.h"
#include "tests/property/sim_scenario/scenario_generator.h"

namespace p2p::sim {
namespace {

using property::any_swarm_scenario;

uint64_t any_seed() { return *rc::gen::arbitrary<uint64_t>(); }

bool are_of(const ScriptedEvent& event, const std::string& group) {
  const auto names = [&](const NodeSet& nodes) {
    return std::any_of(nodes.begin(), nodes.end(),
                       [&](const NodeRange& range) { return range.group == group; });
  };
  return names(event.nodes) || names(event.peers);
}

// The faults that strike single nodes, but for those of `group` or towards it.
std::vector<ScriptedEvent> without_group(std::vector<ScriptedEvent> events,
                                         const std::string& group) {
  std::erase_if(events, [&](const ScriptedEvent& event) {
    return event.nodes.size() != 1 || are_of(event, group);
  });
  return events;
}

RC_GTEST_PROP(DrawnFaults, begin_after_a_second_and_end_before_the_swarm_does, ()) {
  const Scenario scenario = *any_swarm_scenario();
  const Duration until = scenario.swarm->until;
  for (const ScriptedEvent& fault : draw_faults(scenario, any_seed())) {
    RC_ASSERT(fault.at >= Duration::seconds(1));
    RC_ASSERT(fault.at + fault.lasts.value_or(Duration()) <= until);
    RC_ASSERT(fault.at + fault.restart_after.value_or(Duration()) <= until);
  }
}

RC_GTEST_PROP(DrawnFaults, are_undone_but_for_resets, ()) {
  const Scenario scenario = *any_swarm_scenario();
  for (const ScriptedEvent& fault : draw_faults(scenario, any_seed())) {
    RC_ASSERT(fault.deed == Deed::reset || fault.lasts.has_value() ||
              fault.restart_after.has_value());
  }
}

RC_GTEST_PROP(DrawnFaults, are_the_same_for_the_same_seed, ()) {
  const Scenario scenario = *any_swarm_scenario();
  const uint64_t seed = any_seed();
  RC_ASSERT(draw_faults(scenario, seed) == draw_faults(scenario, seed));
}

RC_GTEST_PROP(DrawnFaults, of_a_family_do_not_change_when_another_is_taken_away, ()) {
  Scenario scenario = *any_swarm_scenario();
  if (scenario.swarm->families.empty()) return;
  const uint64_t seed = any_seed();
  const auto all = draw_faults(scenario, seed);
  auto& families = scenario.swarm->families;
  const auto dropped = *rc::gen::inRange<size_t>(0, families.size());
  families.erase(families.begin() + static_cast<std::ptrdiff_t>(dropped));
  const auto fewer = draw_faults(scenario, seed);
  RC_ASSERT(std::all_of(fewer.begin(), fewer.end(), [&](const ScriptedEvent& fault) {
    return std::find(all.begin(), all.end(), fault) != all.end();
  }));
}

RC_GTEST_PROP(DrawnFaults, of_other_nodes_do_not_change_when_a_group_is_taken_away, ()) {
  Scenario scenario = *any_swarm_scenario();
  if (scenario.nodes.size() == 1) return;
  const uint64_t seed = any_seed();
  const std::string gone = scenario.nodes.back().id;
  const auto before = without_group(draw_faults(scenario, seed), gone);
  scenario.nodes.pop_back();
  const auto after = draw_faults(scenario, seed);
  RC_ASSERT(std::all_of(before.begin(), before.end(), [&](const ScriptedEvent& fault) {
    return std::find(after.begin(), after.end(), fault) != after.end();
  }));
}

RC_GTEST_PROP(DrawnFaults, take_down_only_honest_nodes, ()) {
  const Scenario scenario = *any_swarm_scenario();
  for (const ScriptedEvent& fault : draw_faults(scenario, any_seed())) {
    if (fault.deed != Deed::crash && fault.deed != Deed::kill) continue;
    const auto group =
        std::find_if(scenario.nodes.begin(), scenario.nodes.end(),
                     [&](const NodeGroup& g) { return g.id == fault.nodes.front().group; });
    RC_ASSERT(group->behaviour == Behaviour::honest);
    RC_ASSERT(group->started);
  }
}

RC_GTEST_PROP(WrittenOut, is_a_file_that_reads_back_as_the_same, ()) {
  const Scenario scenario = *any_swarm_scenario();
  const Scenario written = written_out(scenario, any_seed());
  const std::string text = write_scenario(written);
  RC_LOG() << text;
  const ParsedScenario parsed = parse_scenario(text, "written.toml");
  RC_ASSERT(std::holds_alternative<Scenario>(parsed));
  RC_ASSERT(std::get<Scenario>(parsed) == written);
}

}  // namespace
}  // namespace p2p::sim
