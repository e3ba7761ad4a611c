#include "io_sim/shrink/shrink.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <variant>

#include "io_sim/scenario/parse.h"
#include "io_sim/scenario/write.h"

namespace p2p::sim {
namespace {

constexpr const char* kLarge = R"(
schema = 1
name = "much of everything"
stop = "10min"
piece_size = "64KiB"
[network]
latency = { dist = "exponential", min = "5ms", mean = "40ms" }
bandwidth = "100Mbit"
chunks = "adversarial"
loss = 0.01
[[nodes]]
id = "boot"
server = true
[[nodes]]
id = "peer"
count = 40
start = { at = "1s", every = "200ms" }
bootstrap = ["boot"]
wants = ["film"]
node = { pex_interval = "10s" }
[[nodes]]
id = "liar"
count = 3
behaviour = "wrong_bytes"
bootstrap = ["boot"]
[[nodes]]
id = "seed"
shares = ["film", "song"]
bootstrap = ["boot"]
[[content]]
id = "film"
size = "64MiB"
[[content]]
id = "song"
size = "1MiB"
[[events]]
at = "30s"
do = "partition"
groups = [["boot", "peer[0..9]"], ["peer[10..39]"]]
heal_after = "60s"
[[events]]
at = "123456ms"
do = "crash"
nodes = "peer[17]"
restart_after = "10s"
[[events]]
at = "3min"
do = "kill"
nodes = "peer[20..29]"
[[events]]
at = "3min"
do = "reset"
nodes = "peer[3]"
[[expect]]
by = "4min"
that = "connected"
[[expect]]
by = "5min"
that = "holds"
content = "film"
nodes = "peer[*]"
)";

Scenario large() {
  auto parsed = parse_scenario(kLarge, "large.toml");
  if (const auto* errors = std::get_if<std::vector<ScenarioError>>(&parsed)) {
    ADD_FAILURE() << errors->front().text();
    return {};
  }
  return std::get<Scenario>(std::move(parsed));
}

uint32_t nodes_in(const Scenario& scenario) {
  uint32_t nodes = 0;
  for (const NodeGroup& group : scenario.nodes) nodes += group.count;
  return nodes;
}

bool has_deed(const Scenario& scenario, Deed deed) {
  return std::any_of(scenario.events.begin(), scenario.events.end(),
                     [deed](const ScriptedEvent& event) { return event.deed == deed; });
}

size_t lines_of(const Scenario& scenario) {
  const std::string text = write_scenario(scenario);
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST(Shrink, of_what_fails_whatever_is_left_leaves_next_to_nothing) {
  const Shrunk shrunk = shrink(large(), one_by_one([](const Scenario&) { return true; }));
  EXPECT_TRUE(shrunk.finished);
  EXPECT_TRUE(shrunk.scenario.events.empty());
  EXPECT_TRUE(shrunk.scenario.contents.empty());
  EXPECT_TRUE(shrunk.scenario.expectations.empty());
  EXPECT_LE(nodes_in(shrunk.scenario), 1U);
  EXPECT_EQ(shrunk.scenario.network, NetworkModel());
  EXPECT_EQ(shrunk.scenario.stop, Duration::seconds(1));
}

TEST(Shrink, of_what_fails_only_whole_changes_nothing) {
  const Scenario start = large();
  const Shrunk shrunk = shrink(start, one_by_one([](const Scenario&) { return false; }));
  EXPECT_EQ(shrunk.scenario, start);
  EXPECT_TRUE(shrunk.finished);
  EXPECT_GT(shrunk.tried, 20U);
}

TEST(Shrink, keeps_the_one_event_that_matters_and_the_node_that_it_names) {
  const Shrunk shrunk =
      shrink(large(),
             one_by_one([](const Scenario& scenario) { return has_deed(scenario, Deed::crash); }));
  ASSERT_EQ(shrunk.scenario.events.size(), 1U);
  const ScriptedEvent& event = shrunk.scenario.events[0];
  EXPECT_EQ(event.nodes, (NodeSet{{"peer", 0, 0}}));
  EXPECT_EQ(event.at, Duration());
  EXPECT_FALSE(event.restart_after.has_value());
  ASSERT_EQ(shrunk.scenario.nodes.size(), 1U);
  EXPECT_EQ(shrunk.scenario.nodes[0].id, "peer");
  EXPECT_EQ(shrunk.scenario.nodes[0].count, 1U);
  EXPECT_LE(lines_of(shrunk.scenario), 10U);
}

TEST(Shrink, finds_events_that_only_matter_together) {
  const Shrunk shrunk =
      shrink(large(), one_by_one([](const Scenario& scenario) {
               return has_deed(scenario, Deed::partition) && has_deed(scenario, Deed::reset);
             }));
  ASSERT_EQ(shrunk.scenario.events.size(), 2U);
  EXPECT_EQ(shrunk.scenario.events[0].deed, Deed::partition);
  EXPECT_EQ(shrunk.scenario.events[1].deed, Deed::reset);
}

TEST(Shrink, lowers_counts_times_and_sizes_to_where_the_failure_begins) {
  const Shrunk shrunk =
      shrink(large(), one_by_one([](const Scenario& scenario) {
               return nodes_in(scenario) >= 7 && scenario.stop >= Duration::seconds(47) &&
                      std::any_of(scenario.contents.begin(), scenario.contents.end(),
                                  [](const Content& content) { return content.size > 5'000'000; });
             }));
  EXPECT_EQ(nodes_in(shrunk.scenario), 7U);
  EXPECT_EQ(shrunk.scenario.stop, Duration::seconds(47));
  ASSERT_EQ(shrunk.scenario.contents.size(), 1U);
  EXPECT_GT(shrunk.scenario.contents[0].size, 5'000'000U);
  EXPECT_LE(shrunk.scenario.contents[0].size, 6'000'000U);
}

TEST(Shrink, hands_out_only_scenarios_that_can_be_written_and_read_again) {
  size_t judged = 0;
  const auto judge = [&](const Scenario& candidate) {
    ++judged;
    const std::string text = write_scenario(candidate);
    const auto parsed = parse_scenario(text, "candidate.toml");
    const auto* read = std::get_if<Scenario>(&parsed);
    EXPECT_TRUE(read != nullptr && *read == candidate) << text;
    return candidate.events.size() + candidate.nodes.size() >= 4;
  };
  const Shrunk shrunk = shrink(large(), one_by_one(judge));
  EXPECT_EQ(judged, shrunk.tried);
}

TEST(Shrink, judges_no_scenario_twice) {
  std::vector<std::string> judged;
  shrink(large(), one_by_one([&](const Scenario& candidate) {
           judged.push_back(write_scenario(candidate));
           return has_deed(candidate, Deed::kill);
         }));
  std::sort(judged.begin(), judged.end());
  EXPECT_EQ(std::adjacent_find(judged.begin(), judged.end()), judged.end());
}

TEST(Shrink, comes_to_the_same_however_many_candidates_are_judged_at_once) {
  const auto fails = one_by_one([](const Scenario& scenario) {
    return has_deed(scenario, Deed::partition) && nodes_in(scenario) % 3 != 1;
  });
  const Scenario one = shrink(large(), fails).scenario;
  for (const size_t at_once : {2U, 5U, 64U}) {
    EXPECT_EQ(write_scenario(shrink(large(), fails, {at_once, {}}).scenario), write_scenario(one));
  }
}

TEST(Shrink, keeps_an_expectation_s_time_and_count) {
  Scenario start = large();
  start.expectations[0].condition = {Claim::knows_at_least, {}, {}, 30, ""};
  const Shrunk shrunk = shrink(
      start, one_by_one([](const Scenario& scenario) { return !scenario.expectations.empty(); }));
  ASSERT_EQ(shrunk.scenario.expectations.size(), 1U);
  const Expectation& left = shrunk.scenario.expectations[0];
  EXPECT_TRUE(left == start.expectations[0] || left.by == start.expectations[1].by);
  EXPECT_GE(shrunk.scenario.stop, left.by);
}

TEST(Shrink, keeps_the_smallest_so_far_when_it_is_stopped) {
  uint64_t smallest = 0;
  ShrinkOptions options;
  options.go_on = [&](const ShrinkProgress& progress) {
    smallest = nodes_in(*progress.smallest);
    return progress.tried < 12;
  };
  const Shrunk shrunk =
      shrink(large(), one_by_one([](const Scenario& scenario) { return nodes_in(scenario) > 2; }),
             options);
  EXPECT_FALSE(shrunk.finished);
  EXPECT_EQ(shrunk.tried, 12U);
  EXPECT_EQ(nodes_in(shrunk.scenario), smallest);
}

TEST(WithoutFaults, keeps_what_nodes_are_told) {
  Scenario scenario = large();
  scenario.events.resize(5);
  scenario.events[4].deed = Deed::want;
  scenario.swarm = Swarm();
  const Scenario calm = without_faults(scenario);
  ASSERT_EQ(calm.events.size(), 1U);
  EXPECT_EQ(calm.events[0].deed, Deed::want);
  EXPECT_FALSE(calm.swarm.has_value());
  EXPECT_EQ(calm.nodes, scenario.nodes);
}

}  // namespace
}  // namespace p2p::sim
