// How many of something there are of each group, a group being known by its tag (tag_of). Each
// takes constant time where not said otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace p2p {

class GroupCounts {
 public:
  void add(uint32_t tag);
  // Requires count(tag) > 0.
  void remove(uint32_t tag);
  size_t count(uint32_t tag) const { return groups_.empty() ? 0 : groups_[place(tag)].count; }
  // How many groups have any.
  size_t groups() const { return used_; }
  // Of the group that has most; 0 if there is none. Linear in the groups.
  size_t largest() const;

 private:
  struct Group {
    uint32_t tag = 0;
    uint32_t count = 0;  // 0: this place is free
  };

  size_t home(uint32_t tag) const { return tag & (groups_.size() - 1); }
  size_t after(size_t at) const { return (at + 1) & (groups_.size() - 1); }
  // Where the tag's group is or, if there is none, would be. Requires that there are places.
  size_t place(uint32_t tag) const;
  void make_room();
  // Closes the gap at a place that became free.
  void close_up(size_t gap);

  // A hash table with linear probing: a power of two of places, at least half of them free. Tags
  // are keyed hashes already.
  std::vector<Group> groups_;
  size_t used_ = 0;
};

}  // namespace p2p
