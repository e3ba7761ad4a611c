// Who of the book is nearest to a place: where look-ups begin.
#include <algorithm>
#include <utility>

#include "engine/overlay/address_book.h"
#include "engine/overlay/place.h"

namespace p2p {

std::vector<Endpoint> AddressBook::nearest(const Digest& id, size_t count, Time now) const {
  std::vector<std::pair<Digest, Position>> found;
  found.reserve(size());
  for (Position at = 0; at < entries_.size(); ++at) {
    const Entry& entry = entries_[at];
    if (!entry.in_use || (entry.tried ? entry.failed : entry.retries > 0)) continue;
    if (shunned_.contains(entry.endpoint, now)) continue;
    found.emplace_back(distance(id, place_of(entry.endpoint)), at);
  }
  const size_t first = std::min(count, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(first), found.end());
  std::vector<Endpoint> endpoints;
  for (size_t i = 0; i < first; ++i) endpoints.push_back(entries_[found[i].second].endpoint);
  return endpoints;
}

}  // namespace p2p
