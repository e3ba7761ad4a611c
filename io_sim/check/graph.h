// Distances in the overlay, as a graph of nodes and links without direction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "io_sim/check/view.h"

namespace p2p::sim {

class Graph {
 public:
  static constexpr uint32_t kFar = std::numeric_limits<uint32_t>::max();

  Graph(size_t nodes, std::span<const std::pair<NodeIndex, NodeIndex>> links);

  size_t degree(NodeIndex node) const { return begin_[node + 1] - begin_[node]; }
  std::span<const NodeIndex> neighbours(NodeIndex node) const {
    return std::span(neighbours_).subspan(begin_[node], degree(node));
  }
  // The steps from `from` to every node; kFar where no path leads.
  std::vector<uint32_t> distances(NodeIndex from) const;

 private:
  std::vector<size_t> begin_;  // of each node's neighbours, and the end
  std::vector<NodeIndex> neighbours_;
};

// Two of `nodes` that are more than `most` steps apart, if there are two; paths may go through any
// node. Exact. 64 nodes are searched from at a time: 10,000 nodes with 100,000 links take a few
// tenths of a second, and less when two searches already tell.
std::optional<std::pair<NodeIndex, NodeIndex>> farther_apart(const Graph& graph,
                                                             std::span<const NodeIndex> nodes,
                                                             uint32_t most);

// For each node the lowest number of a node that it is connected with, itself if with none lower.
std::vector<NodeIndex> components(size_t nodes,
                                  std::span<const std::pair<NodeIndex, NodeIndex>> links);

}  // namespace p2p::sim
