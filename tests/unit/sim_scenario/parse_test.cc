// What is read from a file that is right.
#include "io_sim/scenario/parse.h"

#include <gtest/gtest.h>

#include "tests/unit/sim_scenario/scenario_text.h"

namespace p2p::sim {
namespace {

const NodeSet kBoot{{"boot", 0, 0}};

TEST(ParseScenario, leaves_what_is_not_said_at_its_default) {
  const Scenario scenario = read_well("schema = 1\n[[nodes]]\nid = \"boot\"\n");
  Scenario expected;
  expected.nodes.emplace_back();
  expected.nodes[0].id = "boot";
  EXPECT_EQ(scenario, expected);
}

TEST(ParseScenario, reads_the_head_of_a_file) {
  const Scenario scenario = read_well(
      with_nodes("name = \"three clients\"\nseed = 42\nstop = \"90s\"\npiece_size = \"64KiB\"\n"));
  EXPECT_EQ(scenario.name, "three clients");
  EXPECT_EQ(scenario.seed, 42U);
  EXPECT_EQ(scenario.stop, Duration::seconds(90));
  EXPECT_EQ(scenario.piece_size.bytes(), 65'536U);
}

TEST(ParseScenario, reads_a_seed_beyond_the_numbers_of_toml_from_quotes) {
  const Scenario scenario = read_well(with_nodes("seed = \"18446744073709551615\"\n"));
  EXPECT_EQ(scenario.seed, ~uint64_t{0});
}

TEST(ParseScenario, reads_a_network) {
  const Scenario scenario = read_well(with_nodes(
      "[network]\n"
      "latency = { dist = \"exponential\", min = \"5ms\", mean = \"40ms\" }\n"
      "jitter = \"3ms\"\nbandwidth = { up = \"20Mbit\", down = \"8MB\" }\nqueue = \"128KiB\"\n"
      "chunks = \"adversarial\"\nloss = 0.5\n"));
  NetworkModel expected;
  expected.latency = {
      LatencyLaw::Kind::exponential, Duration::milliseconds(5), {}, Duration::milliseconds(40)};
  expected.jitter = Duration::milliseconds(3);
  expected.bandwidth = {20'000'000, 64'000'000};
  expected.queue = 131'072;
  expected.chunks = Chunks::adversarial;
  expected.loss = {Probability::kOne / 2};
  EXPECT_EQ(scenario.network, expected);
}

TEST(ParseScenario, takes_a_single_rate_for_both_directions) {
  const Scenario scenario = read_well(with_nodes("network.bandwidth = \"1Gbit\"\n"));
  EXPECT_EQ(scenario.network.bandwidth, (Bandwidth{1'000'000'000, 1'000'000'000}));
}

TEST(ParseScenario, reads_a_group_of_nodes) {
  const Scenario scenario = read_well(
      "schema = 1\n"
      "[[nodes]]\nid = \"boot\"\nserver = true\nhost = \"one\"\n"
      "[[nodes]]\nid = \"peer\"\ncount = 40\nstart = { at = \"1s\", every = \"200ms\" }\n"
      "bootstrap = [\"boot\", \"peer[0..1]\"]\ndemo = { pieces = 75, have = 60, want = 20 }\n"
      "shares = [\"film\"]\nwants = \"song\"\ninbound = false\nnetworks = 20\n"
      "near = \"film\"\n"
      "behaviour = \"legacy\"\nbandwidth = \"unlimited\"\nlatency = \"30ms\"\n"
      "clock = { offset = \"1h\", drift_ppm = -50 }\n"
      "disk = { latency = \"5ms\", capacity = \"1GiB\", lies = true }\n"
      "node = { pex_interval = \"10s\", book_max = 64, send_ahead_bytes = \"2MiB\" }\n"
      "[[content]]\nid = \"film\"\nsize = \"64MiB\"\n[[content]]\nid = \"song\"\nsize = \"3B\"\n");
  ASSERT_EQ(scenario.nodes.size(), 2U);
  EXPECT_EQ(scenario.nodes[0].host, "one");
  EXPECT_TRUE(scenario.nodes[0].single);
  NodeGroup peer;
  peer.id = "peer";
  peer.count = 40;
  peer.single = false;
  peer.start_at = Duration::seconds(1);
  peer.start_every = Duration::milliseconds(200);
  peer.bootstrap = {{"boot", 0, 0}, {"peer", 0, 1}};
  peer.demo = DemoShape{75, 60, 20};
  peer.shares = {"film"};
  peer.wants = {"song"};
  peer.inbound = false;
  peer.networks = 20;
  peer.near = "film";
  peer.behaviour = Behaviour::legacy;
  peer.bandwidth = Bandwidth{};
  peer.latency = LatencyLaw{LatencyLaw::Kind::fixed, Duration::milliseconds(30), {}, {}};
  peer.clock = {Duration::minutes(60), -50};
  peer.disk = {Duration::milliseconds(5), uint64_t{1} << 30, true};
  peer.node = {{"pex_interval", "10s"}, {"book_max", "64"}, {"send_ahead_bytes", "2MiB"}};
  EXPECT_EQ(scenario.nodes[1], peer);
  EXPECT_EQ(scenario.contents, (std::vector<Content>{{"film", uint64_t{64} << 20}, {"song", 3}}));
}

TEST(ParseScenario, takes_the_star_for_all_nodes_of_a_group) {
  const Scenario scenario = read_well(
      with_nodes("expect = [{ by = \"1s\", that = \"connected\", nodes = \"peer[*]\" }]\n"));
  EXPECT_EQ(scenario.expectations[0].condition.nodes, (NodeSet{{"peer", 0, 39}}));
}

TEST(ParseScenario, knows_nodes_that_the_file_names_before_it_declares_them) {
  const Scenario scenario = read_well(
      "schema = 1\nevents = [{ at = \"1s\", do = \"stop\", nodes = \"boot\" }]\n"
      "[[nodes]]\nid = \"boot\"\n");
  EXPECT_EQ(scenario.events[0].nodes, kBoot);
}

TEST(ParseScenario, reads_a_partition) {
  const Scenario scenario =
      read_well(with_nodes("[[events]]\nat = \"30s\"\ndo = \"partition\"\noneway = true\n"
                           "groups = [[\"boot\", \"peer[0..9]\"], [\"peer[10..39]\"]]\n"
                           "heal_after = \"60s\"\n"));
  ScriptedEvent expected;
  expected.deed = Deed::partition;
  expected.at = Duration::seconds(30);
  expected.groups = {{{"boot", 0, 0}, {"peer", 0, 9}}, {{"peer", 10, 39}}};
  expected.oneway = true;
  expected.lasts = Duration::seconds(60);
  EXPECT_EQ(scenario.events, std::vector<ScriptedEvent>{expected});
}

TEST(ParseScenario, reads_an_event_that_waits_for_a_condition) {
  const Scenario scenario = read_well(with_nodes(
      "[[events]]\nwhen = { that = \"knows_at_least\", nodes = \"boot\", count = 3 }\n"
      "do = \"crash\"\nnodes = \"peer[3]\"\ndisk = \"torn\"\nrestart_after = \"10s\"\n"));
  ScriptedEvent expected;
  expected.deed = Deed::crash;
  expected.when = Condition{Claim::knows_at_least, kBoot, {}, 3, ""};
  expected.nodes = {{"peer", 3, 3}};
  expected.disk = DiskAfter::torn;
  expected.restart_after = Duration::seconds(10);
  EXPECT_EQ(scenario.events, std::vector<ScriptedEvent>{expected});
}

TEST(ParseScenario, reads_a_share) {
  const Scenario scenario = read_well(with_nodes(
      "expect = [{ by = \"1s\", that = \"degree_at_least\", count = 10, share = 0.9 }]\n"));
  EXPECT_EQ(scenario.expectations[0].condition,
            (Condition{Claim::degree_at_least, {}, {}, 10, "", Share{900'000}}));
}

TEST(ParseScenario, reads_whom_a_liar_names) {
  const Scenario scenario = read_well(
      "schema = 1\n[[nodes]]\nid = \"boot\"\n"
      "[[nodes]]\nid = \"liar\"\nbehaviour = \"victim_liar\"\nnames = \"boot\"\n");
  EXPECT_EQ(scenario.nodes[1].behaviour, Behaviour::victim_liar);
  EXPECT_EQ(scenario.nodes[1].names, kBoot);
}

TEST(ParseScenario, reads_an_event_that_takes_node_after_node) {
  const Scenario scenario =
      read_well(with_nodes("[[events]]\nat = \"30s\"\nevery = \"2s\"\ndo = \"restart\"\n"
                           "nodes = \"peer[0..9]\"\n"));
  ScriptedEvent expected;
  expected.deed = Deed::restart;
  expected.at = Duration::seconds(30);
  expected.every = Duration::seconds(2);
  expected.nodes = {{"peer", 0, 9}};
  EXPECT_EQ(scenario.events, std::vector<ScriptedEvent>{expected});
}

TEST(ParseScenario, reads_a_change_of_links) {
  const Scenario scenario = read_well(
      with_nodes("[[events]]\nat = \"1s\"\ndo = \"link\"\nnodes = \"boot\"\nlatency = \"1s\"\n"
                 "bandwidth = \"1Mbit\"\nloss = 1\nlasts = \"5s\"\n"));
  ScriptedEvent expected;
  expected.deed = Deed::link;
  expected.at = Duration::seconds(1);
  expected.nodes = kBoot;
  expected.latency = LatencyLaw{LatencyLaw::Kind::fixed, Duration::seconds(1), {}, {}};
  expected.bandwidth = Bandwidth{1'000'000, 1'000'000};
  expected.loss = Probability{Probability::kOne};
  expected.lasts = Duration::seconds(5);
  EXPECT_EQ(scenario.events, std::vector<ScriptedEvent>{expected});
}

TEST(ParseScenario, reads_expectations_with_peer_or_peers) {
  for (const char* key : {"peer", "peers"}) {
    const Scenario scenario = read_well(
        with_nodes("[[expect]]\nby = \"4min\"\nthat = \"no_connection_to\"\nstays = true\n" +
                   std::string(key) + " = \"boot\"\n"));
    ASSERT_EQ(scenario.expectations.size(), 1U);
    EXPECT_EQ(scenario.expectations[0].condition,
              (Condition{Claim::no_connection_to, {}, kBoot, 0, ""}));
    EXPECT_EQ(scenario.expectations[0].by, Duration::minutes(4));
    EXPECT_TRUE(scenario.expectations[0].stays);
  }
}

TEST(ParseScenario, reads_a_swarm) {
  const Scenario scenario = read_well(with_nodes(
      "[swarm]\nfamilies = [\"loss\", \"crash\"]\nenable_each = 0.25\nuntil = \"3min\"\n"));
  ASSERT_TRUE(scenario.swarm);
  EXPECT_EQ(scenario.swarm->families,
            (std::vector<FaultFamily>{FaultFamily::loss, FaultFamily::crash}));
  EXPECT_EQ(scenario.swarm->enable_each.parts, Probability::kOne / 4);
  EXPECT_EQ(scenario.swarm->until, Duration::minutes(3));
}

TEST(ParseScenario, tells_all_invariants_from_some_and_from_none) {
  const Scenario all = read_well(with_nodes("always.invariants = \"all\"\n"));
  EXPECT_TRUE(all.invariants.empty());
  EXPECT_FALSE(all.no_invariants);
  const Scenario some = read_well(with_nodes("always.invariants = [\"no_busy_loop\"]\n"));
  EXPECT_EQ(some.invariants, std::vector<std::string>{"no_busy_loop"});
  const Scenario none = read_well(with_nodes("always.invariants = []\n"));
  EXPECT_TRUE(none.no_invariants);
}

TEST(ParseScenario, reads_how_a_run_is_to_end) {
  const Scenario scenario =
      read_well(with_nodes("[promise]\nverdict = \"unmet\"\nbecause = \"connected\"\n"));
  EXPECT_EQ(scenario.promise, (Promise{Verdict::unmet, "connected"}));
}

TEST(ScenarioError, keeps_control_characters_from_the_terminal) {
  const ScenarioError error{"s.toml", 1, 4, "wrong", std::string("a\x1b\xff\tb")};
  EXPECT_EQ(error.text(), "s.toml:1:4: error: wrong\n    a??\tb\n       ^\n");
}

}  // namespace
}  // namespace p2p::sim
