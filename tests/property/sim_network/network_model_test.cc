// The model says of small networks what a person would; and a network that fails is told with the
// smallest scenario that fails so.
#include "tests/property/sim_network/network_model.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "io_sim/run/expectations.h"
#include "io_sim/run/run.h"
#include "io_sim/scenario/parse.h"
#include "tests/property/sim_network/network_trial.h"

namespace p2p::property {
namespace {

using sim::Scenario;

Scenario scenario_of(const std::string& toml) {
  auto parsed = sim::parse_scenario("schema = 1\nstop = \"20min\"\n" + toml, "model.toml");
  if (const auto* errors = std::get_if<std::vector<sim::ScenarioError>>(&parsed)) {
    ADD_FAILURE() << errors->front().text();
    return {};
  }
  return std::get<Scenario>(parsed);
}

// "n0, n1: connected"; with "not " in front where it must not come true.
std::vector<std::string> said_of(const std::string& toml) {
  const Scenario scenario = scenario_of(toml);
  std::vector<std::string> texts;
  for (const Demand& demand : demands_of(scenario)) {
    texts.push_back((demand.met ? "" : "not ") +
                    sim::condition_text(demand.expectation.condition, scenario));
  }
  return texts;
}

testing::AssertionResult says(const std::string& toml, const std::string& text) {
  std::string all;
  for (const std::string& said : said_of(toml)) {
    if (said == text) return testing::AssertionSuccess();
    all += "  " + said + "\n";
  }
  return testing::AssertionFailure() << "it says\n" << all;
}

TEST(NetworkModel, joins_those_who_bootstrap_through_each_other) {
  EXPECT_TRUE(says(R"(nodes = [{ id = "a" }, { id = "b", bootstrap = "a" },
                               { id = "c", bootstrap = "b" }, { id = "d" }])",
                   "a, b, c: connected"));
}

TEST(NetworkModel, keeps_apart_whom_no_bootstrap_node_connects) {
  const std::string toml = R"(nodes = [{ id = "a" }, { id = "b", bootstrap = "a" }, { id = "c" }])";
  EXPECT_TRUE(says(toml, "a, b: no_connection_to c"));
  EXPECT_TRUE(says(toml, "a, b: knows_at_most 1"));
  EXPECT_TRUE(says(toml, "c: knows_at_most 0"));
}

TEST(NetworkModel, does_not_count_on_nodes_that_accept_nothing_or_never_run) {
  EXPECT_FALSE(says(R"(nodes = [{ id = "a", inbound = false }, { id = "b", bootstrap = "a" }])",
                    "a, b: connected"));
  EXPECT_TRUE(says(R"(nodes = [{ id = "a", started = false }, { id = "b", bootstrap = "a" }])",
                   "b: knows_at_most 0"));
}

TEST(NetworkModel, does_not_count_on_those_who_are_gone) {
  const std::string nodes = R"(nodes = [{ id = "a" }, { id = "b", bootstrap = "a" },
                                        { id = "c", bootstrap = "a" }]
  )";
  const std::string early = R"(events = [{ at = "30s", do = "kill", nodes = "a" }])";
  EXPECT_FALSE(says(nodes + early, "b, c: connected"));
  const std::string late = R"(events = [{ at = "3min", do = "kill", nodes = "a" }])";
  EXPECT_TRUE(says(nodes + late, "b, c: connected")) << "they had time to meet";
  const std::string back =
      R"(events = [{ at = "30s", do = "kill", nodes = "a", restart_after = "10s" }])";
  EXPECT_TRUE(says(nodes + back, "a, b, c: connected"));
}

TEST(NetworkModel, says_nothing_of_the_end_while_a_fault_lasts) {
  const std::string nodes = R"(nodes = [{ id = "a" }, { id = "b", bootstrap = "a" }]
  )";
  const std::string cut = R"(events = [{ at = "30s", do = "partition", groups = [["a"], ["b"]] })";
  EXPECT_FALSE(says(nodes + cut + "]", "a, b: connected"));
  EXPECT_TRUE(says(nodes + cut + R"(, { at = "40s", do = "heal" }])", "a, b: connected"));
}

constexpr const char* kFilm = "content = [{ id = \"film\", size = \"1KiB\" }]\n";

TEST(NetworkModel, carries_content_from_getter_to_getter) {
  EXPECT_TRUE(says(std::string(kFilm) + R"(nodes = [
    { id = "a", wants = "film" }, { id = "b", bootstrap = "a", wants = "film", inbound = false },
    { id = "c", bootstrap = "a", shares = "film", inbound = false }])",
                   "a, b, c: holds film"));
}

TEST(NetworkModel, carries_nothing_from_one_NAT_to_another_or_from_nobody) {
  EXPECT_TRUE(says(std::string(kFilm) + R"(nodes = [
    { id = "a" }, { id = "b", bootstrap = "a", wants = "film", inbound = false },
    { id = "c", bootstrap = "a", shares = "film", inbound = false }])",
                   "not b: holds film"));
  EXPECT_TRUE(
      says(std::string(kFilm) + R"(nodes = [{ id = "a", wants = "film" }])", "not a: holds film"));
}

TEST(NetworkModel, does_not_count_on_a_holder_whose_disk_is_wiped) {
  const std::string toml = std::string(kFilm) + R"(nodes = [
    { id = "a", shares = "film" }, { id = "b", bootstrap = "a", wants = "film" }]
    events = [{ at = "1s", do = "crash", nodes = "a", disk = "wipe", restart_after = "1s" }])";
  EXPECT_FALSE(says(toml, "a, b: holds film"));
  EXPECT_FALSE(says(toml, "not b: holds film"));
}

TEST(NetworkModel, counts_each_transfer_once) {
  const Scenario scenario = scenario_of(R"(piece_size = "1KiB"
    content = [{ id = "film", size = "2000B" }]
    nodes = [{ id = "a", shares = "film" }, { id = "b", count = 3, bootstrap = "a", wants = "film" }])");
  const auto needed = needed_by(scenario);
  ASSERT_TRUE(needed);
  EXPECT_EQ(needed->transfers, 3u);
  EXPECT_EQ(needed->bytes, 3u * (2000 + 64 + 2 * 32));
  EXPECT_EQ(sim::run(scenario).payload_bytes, needed->bytes);
}

TEST(NetworkTrial, tells_a_demand_that_is_not_met_with_the_smallest_scenario) {
  const Scenario scenario = scenario_of(R"(
    nodes = [{ id = "a", bootstrap = "b" }, { id = "b", inbound = false },
             { id = "c", bootstrap = "a" }]
    events = [{ at = "10s", do = "kill", nodes = "c", restart_after = "5s" }])");
  // What the model would not say: b accepts nothing.
  Demand wrong;
  wrong.expectation.condition.nodes = {{"a", 0, 0}, {"b", 0, 0}};
  wrong.expectation.by = Duration::minutes(10);
  wrong.expectation.stays = true;
  const auto failure = failure_of(scenario, {wrong});
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->what.substr(0, 39), "not met by 600 s: a, b: connected (2 co")
      << failure->what;
  EXPECT_FALSE(failure_of(scenario, demands_of(scenario)));
}

TEST(NetworkTrial, shrinks_a_scenario_that_breaks_a_rule) {
  const Scenario scenario = scenario_of(R"(network = { loss = 0.01 }
    content = [{ id = "film", size = "100KiB" }, { id = "song", size = "10KiB" }]
    nodes = [{ id = "a", shares = ["film", "song"] }, { id = "b", bootstrap = "a", wants = "film" },
             { id = "c", bootstrap = "a" }, { id = "d", bootstrap = "c", wants = "song" }]
    events = [{ at = "10s", do = "reset", nodes = "c" }])");
  const Rule no_payload = [](const Scenario&, const sim::Result& result) {
    return std::string(result.payload_bytes > 0 ? "payload was sent" : "");
  };
  const std::string text = told(scenario, no_payload);
  EXPECT_NE(text.find("# Fails: payload was sent"), std::string::npos) << text;
  EXPECT_NE(text.find("p2psim run"), std::string::npos) << text;
  const std::string toml = text.substr(text.find("schema"));
  const auto parsed = sim::parse_scenario(toml, "found.toml");
  ASSERT_TRUE(std::holds_alternative<Scenario>(parsed)) << text;
  const auto& small = std::get<Scenario>(parsed);
  EXPECT_EQ(small.nodes.size(), 2u);
  EXPECT_EQ(small.contents.size(), 1u);
  EXPECT_TRUE(small.events.empty());
  EXPECT_GT(sim::run(small).payload_bytes, 0u);
}

}  // namespace
}  // namespace p2p::property
