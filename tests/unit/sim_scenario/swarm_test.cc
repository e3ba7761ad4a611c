// What the seeds of a [swarm] draw.
#include "io_sim/scenario/swarm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "io_sim/scenario/names.h"
#include "tests/unit/sim_scenario/scenario_text.h"

namespace p2p::sim {
namespace {

constexpr uint64_t kSeeds = 200;

Scenario swarm_of(const std::string& families, const std::string& rest = "") {
  return read_well(with_nodes(rest + "swarm = { families = [" + families +
                              "], enable_each = 1, until = \"3min\" }\n"));
}

std::vector<ScriptedEvent> all_faults(const Scenario& scenario) {
  std::vector<ScriptedEvent> faults;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const auto drawn = draw_faults(scenario, seed);
    faults.insert(faults.end(), drawn.begin(), drawn.end());
  }
  return faults;
}

TEST(DrawFaults, draws_none_without_a_swarm) {
  EXPECT_TRUE(draw_faults(read_well(with_nodes("")), 1).empty());
}

TEST(DrawFaults, turns_half_of_the_families_on_by_default) {
  Scenario scenario = swarm_of("\"loss\"");
  scenario.swarm->enable_each = Swarm().enable_each;
  size_t on = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) on += draw_faults(scenario, seed).size();
  EXPECT_GT(on, kSeeds * 2 / 5);
  EXPECT_LT(on, kSeeds * 3 / 5);
}

TEST(DrawFaults, draws_each_family_as_its_deed) {
  const std::map<std::string, Deed> deeds{{"loss", Deed::link},   {"reset", Deed::reset},
                                          {"clog", Deed::clog},   {"partition", Deed::partition},
                                          {"crash", Deed::crash}, {"kill", Deed::kill},
                                          {"disk", Deed::disk},   {"link", Deed::link}};
  for (const auto& [family, deed] : deeds) {
    const auto faults = all_faults(swarm_of("\"" + family + "\""));
    EXPECT_FALSE(faults.empty()) << family;
    for (const ScriptedEvent& fault : faults) EXPECT_EQ(fault.deed, deed) << family;
  }
}

TEST(DrawFaults, keeps_to_whole_milliseconds) {
  for (const ScriptedEvent& fault : all_faults(swarm_of("\"crash\", \"link\", \"partition\""))) {
    EXPECT_EQ(fault.at.count_ns() % 1'000'000, 0);
    EXPECT_EQ(fault.lasts.value_or(Duration()).count_ns() % 1'000'000, 0);
    EXPECT_EQ(fault.restart_after.value_or(Duration()).count_ns() % 1'000'000, 0);
  }
}

TEST(DrawFaults, loses_between_a_thousandth_and_a_twentieth_everywhere) {
  for (const ScriptedEvent& fault : all_faults(swarm_of("\"loss\""))) {
    EXPECT_EQ(fault.nodes, (NodeSet{{"boot", 0, 0}, {"peer", 0, 39}}));
    EXPECT_GE(fault.loss->parts, Probability::kOne / 1'000);
    EXPECT_LE(fault.loss->parts, Probability::kOne / 20);
  }
}

TEST(DrawFaults, strikes_every_node_and_reaches_every_other_one_in_some_seed) {
  std::set<std::pair<std::string, uint32_t>> struck;
  std::set<std::pair<std::string, uint32_t>> reached;
  for (const ScriptedEvent& fault : all_faults(swarm_of("\"clog\""))) {
    struck.emplace(fault.nodes.at(0).group, fault.nodes.at(0).first);
    for (const NodeRange& peer : fault.peers) reached.emplace(peer.group, peer.first);
  }
  EXPECT_EQ(struck.size(), 41U);
  EXPECT_EQ(reached.size(), 41U);
}

// Every node is on just one side.
TEST(DrawFaults, parts_the_whole_network_in_two) {
  bool oneway = false;
  bool alone = false;
  for (const ScriptedEvent& fault : all_faults(swarm_of("\"partition\""))) {
    uint32_t nodes = 0;
    ASSERT_EQ(fault.groups.size(), 2U);
    for (const NodeSet& side : fault.groups) {
      uint32_t on_side = 0;
      for (const NodeRange& range : side) on_side += range.last - range.first + 1;
      EXPECT_GT(on_side, 0U);
      alone = alone || on_side == 1;
      nodes += on_side;
    }
    EXPECT_EQ(nodes, 41U);
    EXPECT_LE(*fault.lasts, Duration::seconds(60));
    oneway = oneway || fault.oneway;
  }
  EXPECT_TRUE(oneway);
  EXPECT_TRUE(alone);
}

TEST(DrawFaults, leaves_every_disk_its_pieces_where_there_may_be_no_other_copy) {
  Scenario scenario = swarm_of("\"crash\", \"disk\"");
  scenario.nodes[0].shares = {"film"};
  bool wiped = false;
  for (const ScriptedEvent& fault : all_faults(scenario)) {
    EXPECT_FALSE(fault.deed == Deed::disk && fault.fault == DiskFault::rot);
    if (fault.deed != Deed::crash || fault.disk != DiskAfter::wipe) continue;
    wiped = true;
    EXPECT_EQ(fault.nodes.at(0).group, "peer");
  }
  EXPECT_TRUE(wiped);
}

TEST(DrawFaults, leaves_nodes_alone_that_the_file_starts_or_ends) {
  const Scenario scenario =
      swarm_of("\"kill\"", "events = [{ at = \"1min\", do = \"stop\", nodes = \"peer[3..9]\" }]\n");
  for (const ScriptedEvent& fault : all_faults(scenario)) {
    const NodeRange& node = fault.nodes.at(0);
    EXPECT_FALSE(node.group == "peer" && node.first >= 3 && node.first <= 9);
  }
}

TEST(DrawFaults, takes_no_node_down_before_it_has_started) {
  Scenario scenario = swarm_of("\"kill\"");
  scenario.nodes[1].start_at = Duration::seconds(20);
  scenario.nodes[1].start_every = Duration::seconds(1);
  for (const ScriptedEvent& fault : all_faults(scenario)) {
    const NodeRange& node = fault.nodes.at(0);
    if (node.group != "peer") continue;
    EXPECT_GE(fault.at, Duration::seconds(20 + node.first));
  }
}

TEST(WrittenOut, has_plain_events_in_place_of_the_swarm) {
  const Scenario scenario =
      swarm_of("\"loss\"", "events = [{ at = \"1min\", do = \"stop\", nodes = \"boot\" }]\n");
  const Scenario written = written_out(scenario, 7);
  EXPECT_FALSE(written.swarm);
  EXPECT_EQ(written.seed, 7U);
  ASSERT_EQ(written.events.size(), 2U);
  EXPECT_EQ(written.events[0], scenario.events[0]);
  EXPECT_EQ(written.events[1], draw_faults(scenario, 7).at(0));
}

TEST(WrittenOut, sets_the_clocks_that_the_file_does_not) {
  const Scenario scenario = [] {
    Scenario drawn = swarm_of("\"clock\"");
    drawn.nodes[0].clock.offset = Duration::seconds(5);
    return drawn;
  }();
  const Scenario written = written_out(scenario, 7);
  EXPECT_EQ(written.nodes[0].clock, scenario.nodes[0].clock);
  EXPECT_NE(written.nodes[1].clock, ClockModel());
  EXPECT_LE(written.nodes[1].clock.offset, Duration::minutes(int64_t{24} * 60));
  EXPECT_LE(std::abs(written.nodes[1].clock.drift_ppm), 200);
  EXPECT_NE(written.nodes[1].clock, written_out(scenario, 8).nodes[1].clock);
}

}  // namespace
}  // namespace p2p::sim
