#include "io_sim/net/blockades.h"

#include <algorithm>
#include <utility>

namespace p2p::sim {

Blockades::Id Blockades::partition(const std::vector<std::vector<uint32_t>>& groups,
                                   size_t node_count, bool oneway) {
  Blockade blockade{++last_, oneway, std::vector<uint32_t>(node_count, 0)};
  for (size_t g = 0; g < groups.size(); ++g) {
    for (const uint32_t node : groups[g]) blockade.group[node] = static_cast<uint32_t>(g + 1);
  }
  blockades_.push_back(std::move(blockade));
  return last_;
}

Blockades::Id Blockades::clog(const std::vector<uint32_t>& nodes,
                              const std::vector<uint32_t>& others, size_t node_count) {
  Blockade blockade{++last_, false, std::vector<uint32_t>(node_count, others.empty() ? 2 : 0)};
  for (const uint32_t node : others) blockade.group[node] = 2;
  for (const uint32_t node : nodes) blockade.group[node] = 1;
  blockades_.push_back(std::move(blockade));
  return last_;
}

void Blockades::lift(Id id) {
  std::erase_if(blockades_, [id](const Blockade& blockade) { return blockade.id == id; });
}

bool Blockades::is_blocked(uint32_t from, uint32_t to) const {
  return std::any_of(blockades_.begin(), blockades_.end(), [&](const Blockade& blockade) {
    const uint32_t a = blockade.group[from];
    const uint32_t b = blockade.group[to];
    if (a == 0 || b == 0 || a == b) return false;
    return !blockade.oneway || a == 1;
  });
}

}  // namespace p2p::sim
