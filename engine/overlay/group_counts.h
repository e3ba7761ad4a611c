// How many of something there are of each group, a group being known by its tag (tag_of).
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace p2p {

class GroupCounts {
 public:
  void add(uint32_t tag);
  // Requires count(tag) > 0.
  void remove(uint32_t tag);
  size_t count(uint32_t tag) const;
  // Of the group that has most; 0 if there is none. Linear in the groups.
  size_t largest() const;

 private:
  using Group = std::pair<uint32_t, uint32_t>;  // tag, count
  std::vector<Group>::const_iterator place(uint32_t tag) const;

  std::vector<Group> groups_;  // in order of tag, none empty
};

}  // namespace p2p
