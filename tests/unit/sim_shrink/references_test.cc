#include "io_sim/shrink/references.h"

#include <gtest/gtest.h>

namespace p2p::sim {
namespace {

// boot; peer[0] to peer[9].
Scenario eleven_nodes() {
  Scenario scenario;
  scenario.nodes.resize(2);
  scenario.nodes[0].id = "boot";
  scenario.nodes[1].id = "peer";
  scenario.nodes[1].count = 10;
  scenario.nodes[1].single = false;
  scenario.nodes[1].bootstrap = {{"boot", 0, 0}};
  return scenario;
}

ScriptedEvent kill(const NodeSet& nodes) {
  ScriptedEvent event;
  event.deed = Deed::kill;
  event.nodes = nodes;
  return event;
}

TEST(RemoveNode, moves_up_those_behind_it_and_what_names_them) {
  Scenario scenario = eleven_nodes();
  scenario.events = {kill({{"peer", 7, 9}}), kill({{"peer", 2, 5}}), kill({{"peer", 0, 3}})};
  remove_node(scenario, 1, 4);
  EXPECT_EQ(scenario.nodes[1].count, 9U);
  ASSERT_EQ(scenario.events.size(), 3U);
  EXPECT_EQ(scenario.events[0].nodes, (NodeSet{{"peer", 6, 8}}));
  EXPECT_EQ(scenario.events[1].nodes, (NodeSet{{"peer", 2, 4}}));
  EXPECT_EQ(scenario.events[2].nodes, (NodeSet{{"peer", 0, 3}}));
}

TEST(RemoveNode, takes_what_named_only_this_node_with_it) {
  Scenario scenario = eleven_nodes();
  scenario.events = {kill({{"peer", 4, 4}}), kill({{"peer", 4, 4}, {"boot", 0, 0}})};
  scenario.expectations.resize(2);
  scenario.expectations[0].condition.nodes = {{"peer", 4, 4}};
  remove_node(scenario, 1, 4);
  ASSERT_EQ(scenario.events.size(), 1U);
  EXPECT_EQ(scenario.events[0].nodes, (NodeSet{{"boot", 0, 0}}));
  // The other names nobody in particular, and stays.
  ASSERT_EQ(scenario.expectations.size(), 1U);
  EXPECT_TRUE(scenario.expectations[0].condition.nodes.empty());
}

TEST(RemoveNode, takes_a_condition_s_event_with_it) {
  Scenario scenario = eleven_nodes();
  scenario.events = {kill({{"boot", 0, 0}})};
  scenario.events[0].when = Condition{Claim::running, {{"peer", 4, 4}}, {}, 0, ""};
  remove_node(scenario, 1, 4);
  EXPECT_TRUE(scenario.events.empty());
}

TEST(RemoveNode, that_is_the_last_of_its_group_takes_the_group) {
  Scenario scenario = eleven_nodes();
  remove_node(scenario, 0, 0);
  ASSERT_EQ(scenario.nodes.size(), 1U);
  EXPECT_EQ(scenario.nodes[0].id, "peer");
  EXPECT_TRUE(scenario.nodes[0].bootstrap.empty());
}

TEST(RemoveGroup, ends_a_partition_that_has_lost_a_side) {
  Scenario scenario = eleven_nodes();
  ScriptedEvent partition;
  partition.deed = Deed::partition;
  partition.groups = {{{"boot", 0, 0}}, {{"peer", 0, 4}}, {{"peer", 5, 9}}};
  scenario.events = {partition};
  partition.groups = {{{"boot", 0, 0}}, {{"peer", 0, 9}}};
  scenario.events.push_back(partition);
  remove_group(scenario, 0);
  ASSERT_EQ(scenario.events.size(), 1U);
  EXPECT_EQ(scenario.events[0].groups.size(), 2U);
}

TEST(RemoveContent, leaves_nobody_who_speaks_of_it) {
  Scenario scenario = eleven_nodes();
  scenario.contents = {{"film", 1000}, {"song", 1000}};
  scenario.nodes[0].shares = {"film", "song"};
  scenario.nodes[1].wants = {"film"};
  scenario.events = {kill({}), kill({})};
  scenario.events[0].content = "film";
  scenario.expectations.resize(2);
  scenario.expectations[0].condition = {Claim::holds, {}, {}, 0, "film"};
  scenario.expectations[1].condition = {Claim::holds, {}, {}, 0, "song"};
  remove_content(scenario, "film");
  EXPECT_EQ(scenario.contents, (std::vector<Content>{{"song", 1000}}));
  EXPECT_EQ(scenario.nodes[0].shares, std::vector<std::string>{"song"});
  EXPECT_TRUE(scenario.nodes[1].wants.empty());
  EXPECT_EQ(scenario.events.size(), 1U);
  ASSERT_EQ(scenario.expectations.size(), 1U);
  EXPECT_EQ(scenario.expectations[0].condition.content, "song");
}

}  // namespace
}  // namespace p2p::sim
