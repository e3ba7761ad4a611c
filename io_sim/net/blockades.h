// Who can't reach whom: partitions and clogs, as many at once as there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace p2p::sim {

class Blockades {
 public:
  using Id = uint64_t;

  // Nodes of different groups do not reach each other; those in no group reach everybody. Oneway:
  // what the first group sends does not reach the others, all else does.
  Id partition(const std::vector<std::vector<uint32_t>>& groups, size_t node_count, bool oneway);
  // What goes between the nodes and the others, or everybody else where there are none, waits.
  Id clog(const std::vector<uint32_t>& nodes, const std::vector<uint32_t>& others,
          size_t node_count);
  void lift(Id id);
  void lift_all() { blockades_.clear(); }
  bool empty() const { return blockades_.empty(); }

  bool blocked(uint32_t from, uint32_t to) const {
    return !blockades_.empty() && is_blocked(from, to);
  }

 private:
  struct Blockade {
    Id id = 0;
    bool oneway = false;
    std::vector<uint32_t> group;  // by node; 0: in none
  };
  bool is_blocked(uint32_t from, uint32_t to) const;

  Id last_ = 0;
  std::vector<Blockade> blockades_;
};

}  // namespace p2p::sim
