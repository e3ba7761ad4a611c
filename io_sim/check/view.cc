#include "io_sim/check/view.h"

#include <algorithm>

namespace p2p::sim {

Endpoint as_seen_by(const NodeFacts& node, const Endpoint& endpoint) {
  if (!endpoint.address.is_loopback()) return endpoint;
  return {node.endpoint.address, endpoint.port};
}

std::vector<NodeIndex> nodes_of(const Scenario& scenario, const NodeSet& set) {
  std::vector<NodeIndex> nodes;
  NodeIndex first_of_group = 0;
  for (const NodeGroup& group : scenario.nodes) {
    for (const NodeRange& range : set) {
      if (range.group != group.id) continue;
      const uint32_t last = std::min(range.last, group.count - 1);
      for (uint32_t i = range.first; i <= last; ++i) nodes.push_back(first_of_group + i);
    }
    first_of_group += group.count;
  }
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return nodes;
}

}  // namespace p2p::sim
