// Claims of scenarios, looked at in networks that are made up.
#include "io_sim/check/conditions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "io_sim/check/figures.h"
#include "io_sim/check/graph.h"
#include "tests/unit/sim_check/fake_view.h"

namespace p2p::sim {
namespace {

using test::FakeRun;

NodeSet some(uint32_t first, uint32_t last) { return {{"peer", first, last}}; }

// What there is instead; "" when the claim holds.
std::string look(const FakeRun& run, Claim that, NodeSet nodes = {}, uint64_t count = 0,
                 NodeSet peers = {}, uint32_t millionths = Share::kAll) {
  Condition condition;
  condition.share.millionths = millionths;
  condition.that = that;
  condition.nodes = std::move(nodes);
  condition.peers = std::move(peers);
  condition.count = count;
  condition.content = "film";
  const Finding finding = look_at(condition, run.scenario, run.view);
  EXPECT_EQ(finding.holds, finding.instead.empty());
  return finding.instead;
}

TEST(Connected, holds_when_all_are_one_component) {
  FakeRun run(4);
  run.view.link_list = {{0, 1}, {1, 2}, {2, 3}};
  EXPECT_EQ(look(run, Claim::connected), "");
}

TEST(Connected, names_the_smaller_part_when_it_is_apart) {
  FakeRun run(5);
  run.view.link_list = {{0, 1}, {1, 2}, {3, 4}};
  EXPECT_EQ(look(run, Claim::connected), "2 components of 5 nodes: peer[3] and 1 other are apart");
  run.view.link_list = {{0, 1}, {1, 2}, {2, 3}};
  EXPECT_EQ(look(run, Claim::connected), "2 components of 5 nodes: peer[4] is apart");
}

TEST(Connected, leaves_out_the_dead_and_asks_for_somebody) {
  FakeRun run(3);
  run.view.link_list = {{0, 1}};
  run.view.states[2] = NodeState::crashed;
  EXPECT_EQ(look(run, Claim::connected), "");
  EXPECT_EQ(look(run, Claim::connected, some(2, 2)), "none of the nodes named is running");
}

TEST(Connected, goes_by_way_of_nodes_that_are_not_named) {
  FakeRun run(3);
  run.view.nodes[1].behaviour = Behaviour::garbage;
  run.view.link_list = {{0, 1}, {1, 2}};
  EXPECT_EQ(look(run, Claim::connected, {{"peer", 0, 0}, {"peer", 2, 2}}), "");
}

TEST(Connected, means_originals_too_where_they_are_named) {
  FakeRun run(3);
  run.view.nodes[2].behaviour = Behaviour::legacy;
  run.view.link_list = {{0, 1}};
  EXPECT_EQ(look(run, Claim::connected), "");
  EXPECT_EQ(look(run, Claim::connected, some(0, 2)), "2 components of 3 nodes: peer[2] is apart");
  run.view.nodes[2].behaviour = Behaviour::silent;
  EXPECT_EQ(look(run, Claim::connected, some(0, 2)), "");
}

TEST(Connected, asks_for_a_share_in_the_largest_component) {
  FakeRun run(10);
  run.view.link_list = {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {7, 8}};
  EXPECT_EQ(look(run, Claim::connected, {}, 0, {}, 700'000), "");
  EXPECT_EQ(look(run, Claim::connected, {}, 0, {}, 700'001),
            "3 components of 10 nodes, the largest of 7: peer[9] is apart");
}

TEST(Knows, counts_endpoints_once_and_the_node_itself_not) {
  FakeRun run(4);
  run.view.statuses[0].known_alive = {run.endpoint(0),
                                      {Address::loopback(), 8100},
                                      {run.endpoint(0).address, 20'000},
                                      {Address::loopback(), 20'000},
                                      run.endpoint(1)};
  EXPECT_EQ(look(run, Claim::knows_at_least, some(0, 0), 2), "");
  EXPECT_EQ(look(run, Claim::knows_at_most, some(0, 0), 2), "");
  EXPECT_EQ(look(run, Claim::knows_at_least, some(0, 0), 3),
            "peer[0] knows 2 endpoints, 3 are asked for");
  EXPECT_EQ(look(run, Claim::knows_at_most, some(0, 0), 1),
            "peer[0] knows 2 endpoints, at most 1 is allowed");
  EXPECT_EQ(look(run, Claim::knows_at_least, some(0, 1), 1),
            "peer[1] knows 0 endpoints, 1 is asked for");
}

TEST(Knows, names_who_is_not_known) {
  FakeRun run(3);
  run.view.statuses[0].known_alive = {run.endpoint(1)};
  EXPECT_EQ(look(run, Claim::knows, some(0, 0), 0, some(0, 1)), "");
  EXPECT_EQ(look(run, Claim::knows, some(0, 0), 0, some(1, 2)),
            "peer[0] does not know peer[2] (8.0.0.3:8100)");
}

TEST(Holds, looks_at_the_disks_of_dead_nodes_too) {
  FakeRun run(2);
  run.scenario.contents = {Content{"song", 1}, Content{"film", 2}};
  run.view.holders = {{0, 1}, {1, 0}};
  run.view.states[0] = NodeState::crashed;
  EXPECT_EQ(look(run, Claim::holds, some(0, 0)), "");
  EXPECT_EQ(look(run, Claim::holds, some(0, 1)),
            "peer[1] has 7 pieces in all and not all of film; 1 of 2 nodes have it");
}

TEST(WantsNothing, counts_those_who_want) {
  FakeRun run(3);
  EXPECT_EQ(look(run, Claim::wants_nothing), "");
  run.view.wanting = {1};
  EXPECT_EQ(look(run, Claim::wants_nothing), "peer[1] still wants pieces");
  run.view.wanting = {1, 2};
  EXPECT_EQ(look(run, Claim::wants_nothing), "peer[1] and 1 other still want pieces");
}

TEST(Connections, to_peers_are_there_or_not) {
  FakeRun run(4);
  run.view.link_list = {{0, 2}, {1, 2}};
  EXPECT_EQ(look(run, Claim::connected_to, some(0, 1), 0, some(2, 2)), "");
  EXPECT_EQ(look(run, Claim::connected_to, some(0, 1), 0, some(2, 3)),
            "peer[0] is not connected to peer[3]");
  EXPECT_EQ(look(run, Claim::no_connection_to, some(0, 2), 0, some(3, 3)), "");
  EXPECT_EQ(look(run, Claim::no_connection_to, some(2, 2), 0, some(1, 1)),
            "peer[2] is connected to peer[1]");
}

TEST(Degree, counts_links) {
  FakeRun run(3);
  run.view.link_list = {{0, 1}, {0, 2}};
  EXPECT_EQ(look(run, Claim::degree_at_least, {}, 1), "");
  EXPECT_EQ(look(run, Claim::degree_at_most, {}, 2), "");
  EXPECT_EQ(look(run, Claim::degree_at_least, {}, 2),
            "peer[1] has 1 identified connection, 2 are asked for");
  EXPECT_EQ(look(run, Claim::degree_at_most, {}, 1),
            "peer[0] has 2 identified connections, at most 1 is allowed");
}

TEST(Degree, may_be_asked_of_a_share_of_the_nodes) {
  FakeRun run(4);
  run.view.link_list = {{0, 1}, {0, 2}, {1, 2}};
  EXPECT_EQ(look(run, Claim::degree_at_least, {}, 2, {}, 750'000), "");
  EXPECT_EQ(look(run, Claim::degree_at_least, {}, 2, {}, 760'000),
            "peer[3] has 0 identified connections, 2 are asked for; it holds for 3 of 4 nodes");
  EXPECT_EQ(look(run, Claim::degree_at_most, {}, 1, {}, 250'000), "");
}

TEST(ShareOfConnections, is_that_of_each_node_in_all_connections) {
  FakeRun run(5);
  run.view.link_list = {{0, 1}, {0, 2}, {0, 3}, {3, 4}};
  EXPECT_EQ(look(run, Claim::share_of_connections_at_most, {}, 0, {}, 750'000), "");
  EXPECT_EQ(look(run, Claim::share_of_connections_at_most, {}, 0, {}, 749'999),
            "peer[0] has 3 of 4 connections, at most a share of 0.749999 is allowed");
  run.view.link_list.clear();
  EXPECT_EQ(look(run, Claim::share_of_connections_at_most, {}, 0, {}, 1), "");
}

TEST(HonestNeighbours, are_counted_in_both_directions) {
  FakeRun run(4);
  run.view.nodes[3].behaviour = Behaviour::address_flood;
  run.view.link_list = {{0, 1}, {1, 3}, {2, 3}};
  EXPECT_EQ(look(run, Claim::honest_neighbours_at_least, some(0, 1), 1), "");
  EXPECT_EQ(look(run, Claim::honest_neighbours_at_least, {}, 1),
            "peer[2] has 0 honest neighbours, 1 is asked for");
  run.view.states[2] = NodeState::crashed;
  EXPECT_EQ(look(run, Claim::honest_neighbours_at_least, {}, 1), "");
}

TEST(DialledHonest, counts_what_the_nodes_dialled_and_not_what_dialled_them) {
  FakeRun run(4);
  run.view.nodes[3].behaviour = Behaviour::address_flood;
  run.view.link_list = {{0, 1}, {0, 2}, {1, 3}, {3, 0}, {3, 1}, {3, 2}};
  EXPECT_EQ(look(run, Claim::dialled_honest_at_least, some(0, 0), 0, {}), "");
  EXPECT_EQ(look(run, Claim::dialled_honest_at_least, {}, 0, {}, 666'666), "");
  EXPECT_EQ(look(run, Claim::dialled_honest_at_least, {}, 0, {}, 666'667),
            "2 of 3 dialled connections lead to honest nodes, a share of 0.666667 is asked for");
  EXPECT_EQ(look(run, Claim::dialled_honest_at_least, some(2, 2), 0, {}), "");
}

TEST(DialsPerMinute, are_counted_of_hosts_where_nobody_listens_too) {
  FakeRun run(2);
  run.view.dials = {{1, 6}};
  run.view.states[1] = NodeState::down;
  EXPECT_EQ(look(run, Claim::dials_per_minute_at_most, some(1, 1), 6), "");
  EXPECT_EQ(look(run, Claim::dials_per_minute_at_most, some(0, 1), 5),
            "peer[1] was dialled 6 times in the last minute, at most 5 are allowed");
}

TEST(BytesPerHour, are_those_of_each_node) {
  FakeRun run(2);
  run.view.bytes = {{0, 100'000}, {1, 100'001}};
  EXPECT_EQ(look(run, Claim::bytes_per_hour_at_most, {}, 100'001), "");
  EXPECT_EQ(look(run, Claim::bytes_per_hour_at_most, {}, 100'000),
            "peer[1] sent and received 100001 bytes in the last hour, at most 100000 are allowed");
}

TEST(PiecesGiven, are_those_of_each_node_running_or_not) {
  FakeRun run(2);
  run.view.given = {{0, 3}, {1, 2}};
  run.view.states[1] = NodeState::down;
  EXPECT_EQ(look(run, Claim::pieces_given_at_least, {}, 2), "");
  EXPECT_EQ(look(run, Claim::pieces_given_at_least, {}, 3),
            "peer[1] has given 2 pieces, 3 are asked for");
}

TEST(Running, is_said_of_each_node) {
  FakeRun run(2);
  EXPECT_EQ(look(run, Claim::running), "");
  run.view.states[1] = NodeState::crashed;
  EXPECT_EQ(look(run, Claim::running), "peer[1] has crashed");
  EXPECT_EQ(look(run, Claim::not_running, some(1, 1)), "");
  EXPECT_EQ(look(run, Claim::not_running), "peer[0] is running");
}

TEST(Diameter, is_the_longest_of_the_shortest_paths) {
  FakeRun run(6);
  run.view.link_list = {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}};
  EXPECT_EQ(look(run, Claim::diameter_at_most, {}, 5), "");
  EXPECT_EQ(look(run, Claim::diameter_at_most, some(0, 4), 3),
            "it is 4 steps from peer[0] to peer[4], at most 3 are allowed");
  run.view.link_list.pop_back();
  EXPECT_EQ(look(run, Claim::diameter_at_most, {}, 5), "no path leads from peer[0] to peer[5]");
}

TEST(Diameter, is_a_figure_too) {
  FakeRun run(6);
  const std::vector<NodeIndex> all{0, 1, 2, 3, 4, 5};
  run.view.link_list = {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}};
  EXPECT_EQ(diameter(run.view, all), 5u);
  run.view.link_list.push_back({0, 5});
  EXPECT_EQ(diameter(run.view, all), 3u);
  run.view.link_list = {{0, 1}};
  EXPECT_EQ(diameter(run.view, all), std::nullopt);
}

TEST(Diameter, is_exact_in_graphs_of_chance) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    p2p::Random random(Seed{seed});
    constexpr size_t kNodes = 150;
    std::vector<std::pair<NodeIndex, NodeIndex>> links;
    for (NodeIndex node = 1; node < kNodes; ++node) {
      links.emplace_back(static_cast<NodeIndex>(random.below(node)), node);
      if (node > 2) links.emplace_back(static_cast<NodeIndex>(random.below(node)), node);
    }
    const Graph graph(kNodes, links);
    std::vector<NodeIndex> nodes;
    uint32_t diameter = 0;
    for (NodeIndex node = 0; node < kNodes; ++node) {
      nodes.push_back(node);
      for (const uint32_t steps : graph.distances(node)) diameter = std::max(diameter, steps);
    }
    EXPECT_FALSE(farther_apart(graph, nodes, diameter)) << seed;
    const auto far = farther_apart(graph, nodes, diameter - 1);
    ASSERT_TRUE(far) << seed;
    EXPECT_EQ(graph.distances(far->first)[far->second], diameter) << seed;
  }
}

}  // namespace
}  // namespace p2p::sim
