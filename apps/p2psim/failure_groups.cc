#include "apps/p2psim/failure_groups.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "apps/common/counts.h"
#include "apps/common/quoting.h"

namespace p2p::sim::program {

void FailureGroups::add(FailureGroup failure) {
  const auto group = std::find_if(groups_.begin(), groups_.end(), [&](const FailureGroup& known) {
    return known.name == failure.name;
  });
  if (group == groups_.end()) {
    groups_.push_back(std::move(failure));
    return;
  }
  const uint64_t count = group->count + failure.count;
  if (failure.lowest_seed < group->lowest_seed) *group = std::move(failure);
  group->count = count;
}

std::vector<FailureGroup> FailureGroups::by_frequency() const {
  std::vector<FailureGroup> sorted = groups_;
  std::sort(sorted.begin(), sorted.end(), [](const FailureGroup& a, const FailureGroup& b) {
    return std::tie(b.count, a.lowest_seed, a.name) < std::tie(a.count, b.lowest_seed, b.name);
  });
  return sorted;
}

std::string text_of(const FailureGroup& group) {
  std::string text = app::counted(group.count, "seed", "seeds") + ": " +
                     app::printable(group.name) + "\n  the lowest is " +
                     std::to_string(group.lowest_seed) + ": " + app::printable(group.sentence);
  for (const std::string& command : group.commands) text += "\n  " + app::printable(command);
  return text;
}

}  // namespace p2p::sim::program
