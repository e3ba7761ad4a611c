#include "io_sim/shrink/references.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <vector>

#include "engine/base/check.h"

namespace p2p::sim {
namespace {

using Rewrite = std::function<void(NodeSet&)>;

// False if nothing is left of a set that named somebody: an empty one means something else.
bool rewrite(NodeSet& set, const Rewrite& how) {
  if (set.empty()) return true;
  how(set);
  return !set.empty();
}

bool rewrite(Condition& condition, const Rewrite& how) {
  const bool nodes = rewrite(condition.nodes, how);
  const bool peers = rewrite(condition.peers, how);
  return nodes && peers;
}

// A partition needs two sides.
bool rewrite(std::vector<NodeSet>& groups, const Rewrite& how) {
  const size_t sides = std::min<size_t>(groups.size(), 2);
  std::erase_if(groups, [&](NodeSet& set) { return !rewrite(set, how); });
  return groups.size() >= sides;
}

bool rewrite(ScriptedEvent& event, const Rewrite& how) {
  const bool nodes = rewrite(event.nodes, how);
  const bool peers = rewrite(event.peers, how);
  const bool groups = rewrite(event.groups, how);
  const bool when = !event.when || rewrite(*event.when, how);
  return nodes && peers && groups && when;
}

void rewrite_all(Scenario& scenario, const Rewrite& how) {
  for (NodeGroup& group : scenario.nodes) {
    how(group.bootstrap);
    how(group.names);
  }
  std::erase_if(scenario.events, [&](ScriptedEvent& event) { return !rewrite(event, how); });
  std::erase_if(scenario.expectations,
                [&](Expectation& expectation) { return !rewrite(expectation.condition, how); });
}

}  // namespace

void remove_node(Scenario& scenario, size_t group, uint32_t node) {
  P2P_CHECK(group < scenario.nodes.size() && node < scenario.nodes[group].count);
  if (scenario.nodes[group].count == 1) {
    remove_group(scenario, group);
    return;
  }
  --scenario.nodes[group].count;
  const std::string& id = scenario.nodes[group].id;
  rewrite_all(scenario, [&](NodeSet& set) {
    std::erase_if(set, [&](const NodeRange& range) {
      return range.group == id && range.first == node && range.last == node;
    });
    for (NodeRange& range : set) {
      if (range.group != id) continue;
      if (node < range.first) --range.first;
      if (node <= range.last) --range.last;
    }
  });
}

void remove_group(Scenario& scenario, size_t group) {
  P2P_CHECK(group < scenario.nodes.size());
  const std::string id = scenario.nodes[group].id;
  scenario.nodes.erase(std::next(scenario.nodes.begin(), static_cast<ptrdiff_t>(group)));
  rewrite_all(scenario, [&](NodeSet& set) {
    std::erase_if(set, [&](const NodeRange& range) { return range.group == id; });
  });
}

void remove_content(Scenario& scenario, const std::string& id) {
  std::erase_if(scenario.contents, [&](const Content& content) { return content.id == id; });
  for (NodeGroup& group : scenario.nodes) {
    std::erase(group.shares, id);
    std::erase(group.wants, id);
    if (group.near == id) group.near.clear();
  }
  std::erase_if(scenario.events, [&](const ScriptedEvent& event) {
    return event.content == id || (event.when && event.when->content == id);
  });
  std::erase_if(scenario.expectations, [&](const Expectation& expectation) {
    return expectation.condition.content == id;
  });
}

}  // namespace p2p::sim
