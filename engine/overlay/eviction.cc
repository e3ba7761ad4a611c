#include "engine/overlay/eviction.h"

#include <algorithm>
#include <cstddef>
#include <map>

namespace p2p {

namespace {

void protect_useful(std::vector<SlotHolder>& holders) {
  std::sort(holders.begin(), holders.end(), [](const SlotHolder& a, const SlotHolder& b) {
    return a.given_bytes != b.given_bytes ? a.given_bytes > b.given_bytes : a.order < b.order;
  });
  size_t kept = 0;
  while (kept < holders.size() && kept < kUsefulKept && holders[kept].given_bytes > 0) ++kept;
  holders.erase(holders.begin(), holders.begin() + static_cast<std::ptrdiff_t>(kept));
}

void protect_older_half(std::vector<SlotHolder>& holders) {
  std::sort(holders.begin(), holders.end(),
            [](const SlotHolder& a, const SlotHolder& b) { return a.order < b.order; });
  const size_t half = (holders.size() + 1) / 2;
  holders.erase(holders.begin(), holders.begin() + static_cast<std::ptrdiff_t>(half));
}

}  // namespace

std::optional<ConnId> whom_to_evict(std::vector<SlotHolder> holders, const Address& newcomer) {
  std::map<Address, size_t> in_network;
  for (const SlotHolder& holder : holders) ++in_network[holder.network];
  std::erase_if(holders, [](const SlotHolder& holder) { return holder.legacy; });
  protect_useful(holders);
  protect_older_half(holders);
  const auto goes_later = [&](const SlotHolder& a, const SlotHolder& b) {
    const size_t beside_a = in_network[a.network];
    const size_t beside_b = in_network[b.network];
    return beside_a != beside_b ? beside_a < beside_b : a.order < b.order;
  };
  const auto goes = std::max_element(holders.begin(), holders.end(), goes_later);
  // Afterwards the newcomer's network has no more than the other: or they would take turns.
  if (goes == holders.end() || in_network[goes->network] < in_network[newcomer] + 2) {
    return std::nullopt;
  }
  return goes->conn;
}

}  // namespace p2p
