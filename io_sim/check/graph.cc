#include "io_sim/check/graph.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace p2p::sim {

namespace {

constexpr size_t kSourcesAtOnce = 64;

// The one of `nodes` that is farthest from where `distance` was measured; the first of equals.
NodeIndex farthest(std::span<const NodeIndex> nodes, const std::vector<uint32_t>& distance) {
  return *std::max_element(nodes.begin(), nodes.end(),
                           [&](NodeIndex a, NodeIndex b) { return distance[a] < distance[b]; });
}

// Bit i of a node's word: it is at most `steps` from sources[i].
std::vector<uint64_t> reached_within(const Graph& graph, size_t nodes,
                                     std::span<const NodeIndex> sources, uint32_t steps) {
  std::vector<uint64_t> reached(nodes);
  for (size_t i = 0; i < sources.size(); ++i) reached[sources[i]] |= uint64_t{1} << i;
  std::vector<uint64_t> next = reached;
  for (uint32_t step = 0; step < steps; ++step) {
    for (NodeIndex node = 0; node < nodes; ++node) {
      for (const NodeIndex neighbour : graph.neighbours(node)) next[node] |= reached[neighbour];
    }
    if (next == reached) break;
    reached = next;
  }
  return reached;
}

}  // namespace

Graph::Graph(size_t nodes, std::span<const std::pair<NodeIndex, NodeIndex>> links)
    : begin_(nodes + 1), neighbours_(2 * links.size()) {
  for (const auto& [a, b] : links) {
    ++begin_[a + 1];
    ++begin_[b + 1];
  }
  std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
  std::vector<size_t> at(begin_.begin(), begin_.end() - 1);
  for (const auto& [a, b] : links) {
    neighbours_[at[a]++] = b;
    neighbours_[at[b]++] = a;
  }
}

std::vector<uint32_t> Graph::distances(NodeIndex from) const {
  std::vector<uint32_t> distance(begin_.size() - 1, kFar);
  std::vector<NodeIndex> queue{from};
  distance[from] = 0;
  for (size_t i = 0; i < queue.size(); ++i) {
    for (const NodeIndex next : neighbours(queue[i])) {
      if (distance[next] != kFar) continue;
      distance[next] = distance[queue[i]] + 1;
      queue.push_back(next);
    }
  }
  return distance;
}

std::optional<std::pair<NodeIndex, NodeIndex>> farther_apart(const Graph& graph,
                                                             std::span<const NodeIndex> nodes,
                                                             uint32_t most) {
  if (nodes.size() < 2) return std::nullopt;
  // Two sweeps find the ends of a long path; and all are within twice the steps to the first.
  const auto from_first = graph.distances(nodes.front());
  const NodeIndex far = farthest(nodes, from_first);
  if (from_first[far] > most) return std::pair{nodes.front(), far};
  if (2 * uint64_t{from_first[far]} <= most) return std::nullopt;
  const auto from_far = graph.distances(far);
  const NodeIndex other = farthest(nodes, from_far);
  if (from_far[other] > most) return std::pair{far, other};

  for (size_t first = 0; first < nodes.size(); first += kSourcesAtOnce) {
    const auto sources = nodes.subspan(first, std::min(kSourcesAtOnce, nodes.size() - first));
    const uint64_t all = ~uint64_t{0} >> (kSourcesAtOnce - sources.size());
    const auto reached = reached_within(graph, from_first.size(), sources, most);
    for (const NodeIndex node : nodes) {
      const uint64_t missing = all & ~reached[node];
      if (missing == 0) continue;
      return std::pair{sources[static_cast<size_t>(std::countr_zero(missing))], node};
    }
  }
  return std::nullopt;
}

std::vector<NodeIndex> components(size_t nodes,
                                  std::span<const std::pair<NodeIndex, NodeIndex>> links) {
  std::vector<NodeIndex> parent(nodes);
  std::iota(parent.begin(), parent.end(), NodeIndex{0});
  const auto root = [&parent](NodeIndex node) {
    while (parent[node] != node) node = parent[node] = parent[parent[node]];
    return node;
  };
  for (const auto& [a, b] : links) {
    const NodeIndex root_a = root(a);
    const NodeIndex root_b = root(b);
    parent[std::max(root_a, root_b)] = std::min(root_a, root_b);
  }
  for (NodeIndex node = 0; node < nodes; ++node) parent[node] = root(node);
  return parent;
}

}  // namespace p2p::sim
