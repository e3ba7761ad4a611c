#include "io_sim/check/figures.h"

#include <algorithm>

#include "io_sim/check/graph.h"

namespace p2p::sim {

namespace {

bool is_honest(const View& view, NodeIndex node) {
  return view.facts(node).behaviour == Behaviour::honest;
}

}  // namespace

uint64_t largest_component(const View& view, std::span<const NodeIndex> nodes) {
  const auto component = components(view.node_count(), view.links());
  std::vector<uint64_t> sizes(view.node_count());
  uint64_t largest = 0;
  for (const NodeIndex node : nodes) largest = std::max(largest, ++sizes[component[node]]);
  return largest;
}

uint64_t with_degree(const View& view, std::span<const NodeIndex> nodes, uint64_t count) {
  const Graph graph(view.node_count(), view.links());
  return static_cast<uint64_t>(std::count_if(
      nodes.begin(), nodes.end(), [&](NodeIndex node) { return graph.degree(node) >= count; }));
}

std::optional<uint32_t> diameter(const View& view, std::span<const NodeIndex> nodes) {
  const Graph graph(view.node_count(), view.links());
  if (farther_apart(graph, nodes, Graph::kFar - 1)) return std::nullopt;
  uint32_t steps = 0;
  while (const auto far = farther_apart(graph, nodes, steps)) {
    steps = graph.distances(far->first)[far->second];
  }
  return steps;
}

std::vector<uint32_t> honest_neighbours(const View& view) {
  std::vector<uint32_t> counts(view.node_count());
  for (const auto& [a, b] : view.links()) {
    if (is_honest(view, b)) ++counts[a];
    if (is_honest(view, a)) ++counts[b];
  }
  return counts;
}

PartOf dialled_honest(const View& view, std::span<const NodeIndex> nodes) {
  std::vector<bool> counts(view.node_count());
  for (const NodeIndex node : nodes) counts[node] = true;
  PartOf dialled;
  for (const auto& [from, to] : view.dialled_links()) {
    if (!counts[from]) continue;
    ++dialled.whole;
    if (is_honest(view, to)) ++dialled.part;
  }
  return dialled;
}

}  // namespace p2p::sim
