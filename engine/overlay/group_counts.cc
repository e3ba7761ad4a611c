#include "engine/overlay/group_counts.h"

#include <algorithm>

#include "engine/base/check.h"

namespace p2p {

std::vector<GroupCounts::Group>::const_iterator GroupCounts::place(uint32_t tag) const {
  return std::lower_bound(groups_.begin(), groups_.end(), tag,
                          [](const Group& group, uint32_t t) { return group.first < t; });
}

void GroupCounts::add(uint32_t tag) {
  const auto at = groups_.begin() + (place(tag) - groups_.cbegin());
  if (at != groups_.end() && at->first == tag) {
    ++at->second;
  } else {
    groups_.insert(at, {tag, 1});
  }
}

void GroupCounts::remove(uint32_t tag) {
  const auto at = groups_.begin() + (place(tag) - groups_.cbegin());
  P2P_CHECK(at != groups_.end() && at->first == tag);
  if (--at->second == 0) groups_.erase(at);
}

size_t GroupCounts::count(uint32_t tag) const {
  const auto at = place(tag);
  return at != groups_.end() && at->first == tag ? at->second : 0;
}

size_t GroupCounts::largest() const {
  uint32_t most = 0;
  for (const Group& group : groups_) most = std::max(most, group.second);
  return most;
}

}  // namespace p2p
