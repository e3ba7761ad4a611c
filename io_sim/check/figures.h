// Figures of the overlay at one moment, for claims and benchmarks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "io_sim/check/view.h"

namespace p2p::sim {

struct PartOf {
  uint64_t part = 0;
  uint64_t whole = 0;
};

// How many of `nodes` are in the component of identified connections that has the most of them.
// Paths may go through any node.
uint64_t largest_component(const View& view, std::span<const NodeIndex> nodes);
// How many of `nodes` have at least `count` identified connections.
uint64_t with_degree(const View& view, std::span<const NodeIndex> nodes, uint64_t count);
// The steps between the two of `nodes` that are farthest apart; nullopt where no path leads.
std::optional<uint32_t> diameter(const View& view, std::span<const NodeIndex> nodes);
// Of each node of the run: how many identified connections lead to honest nodes.
std::vector<uint32_t> honest_neighbours(const View& view);
// Of the identified connections that `nodes` dialled, those that lead to honest nodes.
PartOf dialled_honest(const View& view, std::span<const NodeIndex> nodes);

}  // namespace p2p::sim
