// Many real nodes that are told of one find each other. P2PNODE_CROWD says how many: 20 unless told
// otherwise, up to what the machine can bear; the time that it took is printed.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "tests/e2e/graph.h"
#include "tests/support/net_hub.h"

namespace {

using namespace p2p::testing;

// Bounds a failure alone; what is aimed at stands in docs/benchmarks.md.
constexpr milliseconds kPatience = seconds(240);

size_t crowd() {
  const char* said = std::getenv("P2PNODE_CROWD");
  const size_t count = said == nullptr ? 0 : std::strtoul(said, nullptr, 10);
  return count >= 2 ? count : 20;
}

class Crowd : public testing::Test {
 protected:
  // The first one is told of nobody, the others of it.
  void start(const Words& listening, const Wrapper& wrapper = {}) {
    const std::string name = "node" + std::to_string(nodes_.size());
    Words command = {"run"};
    if (nodes_.empty()) command.push_back("-S");
    command.insert(command.end(), listening.begin(), listening.end());
    if (!nodes_.empty()) {
      command.insert(command.end(), {"--bootstrap", members_.front().endpoint});
    }
    nodes_.push_back(std::make_unique<Node>(place_, name, command, wrapper));
    members_.push_back({name, nodes_.back()->endpoint()});
  }

  // Not counting the connections with the bootstrap node.
  void expect_one_component() {
    const std::vector<Member> others(members_.begin() + 1, members_.end());
    EXPECT_TRUE(become_one_component(place_, others, Deadline(kPatience)))
        << components(others.size(), edges_among(place_, others)) << " components";
    const auto took = std::chrono::steady_clock::now() - began_;
    std::cout << nodes_.size() << " processes are one component without the bootstrap node after "
              << std::chrono::round<milliseconds>(took).count() << " ms\n";
  }

  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  Place place_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<Member> members_;
};

TEST_F(Crowd, on_loopback_becomes_one_component_that_needs_no_bootstrap_node) {
  for (size_t i = 0; i < crowd(); ++i) start({"--listen", "[::1]:0"});
  expect_one_component();
  nodes_.front()->process().kill();
  expect_one_component();
}

TEST_F(Crowd, in_six_networks_becomes_one_component_that_needs_no_bootstrap_node) {
  if (!NetHub::available()) GTEST_SKIP() << NetHub::why_not();
  constexpr size_t kNetworks = 6;
  NetHub hub(kNetworks);
  for (size_t i = 0; i < crowd(); ++i) {
    const size_t host = i % kNetworks;
    start({"--listen", NetHub::address(host) + (i == 0 ? ":8100" : ":0")}, hub.on(host, {}));
  }
  expect_one_component();
}

}  // namespace
