// What may be seen of a run, second by second, and events that take node after node.
#include "io_sim/check/view.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "io_sim/run/run.h"
#include "io_sim/scenario/parse.h"

namespace p2p::sim {
namespace {

// boot is node 0, peer[0] to peer[2] are 1 to 3, the others follow.
const std::string kThreePeers =
    "schema = 1\nstop = \"20s\"\n"
    "[[nodes]]\nid = \"boot\"\nserver = true\n"
    "[[nodes]]\nid = \"peer\"\ncount = 3\nstart = \"1s\"\nbootstrap = [\"boot\"]\n";

Result watched(const std::string& toml, const EachSecond& each_second) {
  const auto parsed = parse_scenario(toml, "test");
  const auto* const scenario = std::get_if<Scenario>(&parsed);
  EXPECT_NE(scenario, nullptr);
  if (scenario == nullptr) return {};
  RunOptions options;
  options.each_second = each_second;
  return run(*scenario, options);
}

TEST(EachSecond, is_called_in_every_virtual_second_and_changes_nothing) {
  std::vector<int64_t> seconds;
  const Result result = watched(kThreePeers, [&](const View& view) {
    seconds.push_back((view.now() - Time()).count_ms() / 1000);
  });
  ASSERT_EQ(seconds.size(), 20u);
  EXPECT_EQ(seconds.front(), 1);
  EXPECT_EQ(seconds.back(), 20);
  EXPECT_EQ(result.trace_hash, watched(kThreePeers, {}).trace_hash);
}

TEST(DialledLinks, say_who_dialled) {
  std::vector<std::pair<NodeIndex, NodeIndex>> dialled;
  std::vector<std::pair<NodeIndex, NodeIndex>> links;
  watched(kThreePeers, [&](const View& view) {
    dialled = view.dialled_links();
    links = view.links();
  });
  ASSERT_GE(dialled.size(), 3u);
  EXPECT_EQ(dialled.size(), links.size());
  for (NodeIndex peer = 1; peer <= 3; ++peer) {
    EXPECT_TRUE(std::find(dialled.begin(), dialled.end(), std::pair{peer, NodeIndex{0}}) !=
                dialled.end())
        << peer;
  }
}

TEST(DialsLastMinute, count_those_of_honest_nodes_to_any_port_of_a_host) {
  uint64_t dials = 0;
  watched(kThreePeers +
              "[[nodes]]\nid = \"liar\"\nbehaviour = \"victim_liar\"\nnames = \"victim\"\n"
              "bootstrap = [\"boot\", \"victim\"]\n"
              "[[nodes]]\nid = \"victim\"\nstarted = false\n",
          [&](const View& view) {
            EXPECT_GE(view.dials_last_minute(0),
                      view.now() - Time() > Duration::seconds(2) ? 3u : 0u);
            dials = view.dials_last_minute(5);
          });
  EXPECT_GT(dials, 0u) << "those who believed the liar";
}

TEST(DialsLastMinute, do_not_count_what_hostile_nodes_dial) {
  watched(kThreePeers +
              "[[nodes]]\nid = \"silent\"\nbehaviour = \"silent\"\nbootstrap = [\"victim\"]\n"
              "[[nodes]]\nid = \"victim\"\nstarted = false\n",
          [](const View& view) { EXPECT_EQ(view.dials_last_minute(5), 0u); });
}

TEST(BytesLastHour, are_what_a_node_sent_and_received) {
  uint64_t of_all = 0;
  const Result result = watched(kThreePeers, [&](const View& view) {
    of_all = 0;
    for (NodeIndex node = 0; node < view.node_count(); ++node) {
      EXPECT_LE(view.bytes_last_hour(node), 20'000u);
      of_all += view.bytes_last_hour(node);
    }
  });
  const uint64_t sent = result.control_bytes + result.payload_bytes;
  EXPECT_GT(of_all, sent);
  EXPECT_LE(of_all, 2 * sent) << "each byte once at its sender, and once where it came";
}

TEST(Events, may_take_node_after_node) {
  std::vector<int64_t> seconds;  // in which one more was down
  watched(kThreePeers +
              "[[events]]\nat = \"5500ms\"\nevery = \"2s\"\ndo = \"kill\"\nnodes = \"peer[*]\"\n",
          [&](const View& view) {
            const Duration now = view.now() - Time();
            size_t down = 0;
            for (NodeIndex peer = 1; peer <= 3; ++peer) {
              if (view.state(peer) == NodeState::down && now > Duration::seconds(1)) ++down;
            }
            if (down > seconds.size()) seconds.push_back(now.count_ms() / 1000);
          });
  EXPECT_EQ(seconds, (std::vector<int64_t>{6, 8, 10}));
}

}  // namespace
}  // namespace p2p::sim
