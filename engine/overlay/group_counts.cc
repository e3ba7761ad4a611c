#include "engine/overlay/group_counts.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace p2p {

namespace {
constexpr size_t kPlacesAtFirst = 16;  // a power of two
}  // namespace

size_t GroupCounts::place(uint32_t tag) const {
  size_t at = home(tag);
  while (groups_[at].count > 0 && groups_[at].tag != tag) at = after(at);
  return at;
}

void GroupCounts::add(uint32_t tag) {
  if (2 * (used_ + 1) > groups_.size()) make_room();
  Group& group = groups_[place(tag)];
  if (group.count == 0) ++used_;
  group.tag = tag;
  ++group.count;
}

void GroupCounts::remove(uint32_t tag) {
  P2P_CHECK(count(tag) > 0);
  const size_t at = place(tag);
  if (--groups_[at].count > 0) return;
  --used_;
  close_up(at);
}

size_t GroupCounts::largest() const {
  uint32_t most = 0;
  for (const Group& group : groups_) most = std::max(most, group.count);
  return most;
}

void GroupCounts::make_room() {
  std::vector<Group> before(std::max(kPlacesAtFirst, 2 * groups_.size()));
  std::swap(before, groups_);
  for (const Group& group : before) {
    if (group.count > 0) groups_[place(group.tag)] = group;
  }
}

void GroupCounts::close_up(size_t gap) {
  const size_t mask = groups_.size() - 1;
  for (size_t at = after(gap); groups_[at].count > 0; at = after(at)) {
    // It may move to the gap unless its home lies after it.
    const size_t from_home = (at - home(groups_[at].tag)) & mask;
    const size_t from_gap = (at - gap) & mask;
    if (from_home < from_gap) continue;
    std::swap(groups_[gap], groups_[at]);
    gap = at;
  }
}

}  // namespace p2p
