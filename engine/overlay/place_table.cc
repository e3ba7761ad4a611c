#include "engine/overlay/place_table.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "engine/base/check.h"
#include "engine/overlay/place.h"

namespace p2p {

const PlaceTable::Entry* PlaceTable::find(const Endpoint& endpoint) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.endpoint == endpoint; });
  return found == entries_.end() ? nullptr : &*found;
}

PlaceTable::Entry* PlaceTable::find(const Endpoint& endpoint) {
  return const_cast<Entry*>(std::as_const(*this).find(endpoint));
}

void PlaceTable::move_to(const Digest& own) {
  own_ = own;
  std::array<size_t, 8 * Digest::kSize + 1> in_bucket{};
  std::erase_if(entries_, [&](const Entry& entry) {
    return ++in_bucket[shared_prefix(own_, entry.place)] > kBucketMax;
  });
}

// Of a bucket that is full of others, one that was only claimed gives way to one that was dialled,
// else one that is stale; of several, the one that was alive longest ago.
bool PlaceTable::make_room(size_t bucket, Proof for_whom, Time now) {
  size_t in_bucket = 0;
  auto stalest = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    if (shared_prefix(own_, it->place) != bucket) continue;
    ++in_bucket;
    const bool is_better = for_whom == Proof::dialled && !it->proven;
    if (it->connections > 0 || (!is_better && now - it->last_alive < kStaleAfter)) continue;
    if (stalest == entries_.end() || it->last_alive < stalest->last_alive) stalest = it;
  }
  if (in_bucket < kBucketMax) return true;
  if (stalest == entries_.end()) return false;
  entries_.erase(stalest);
  return true;
}

bool PlaceTable::spoke(const Endpoint& endpoint, Proof proof, Time now) {
  Entry* entry = find(endpoint);
  if (entry == nullptr) {
    const Digest place = place_of(endpoint);
    if (!make_room(shared_prefix(own_, place), proof, now)) return false;
    entry = &entries_.emplace_back(Entry{endpoint, false, 0, place, now});
  }
  entry->proven = entry->proven || proof == Proof::dialled;
  ++entry->connections;
  entry->last_alive = now;
  return true;
}

void PlaceTable::parted(const Endpoint& endpoint, Time now) {
  Entry* const entry = find(endpoint);
  if (entry == nullptr || entry->connections == 0) return;
  --entry->connections;
  entry->last_alive = now;
}

void PlaceTable::failed(const Endpoint& endpoint) {
  std::erase_if(entries_, [&](const Entry& entry) {
    return entry.endpoint == endpoint && entry.connections == 0;
  });
}

std::vector<Endpoint> PlaceTable::nearest(const Digest& id, size_t count, Time now,
                                          const Skip& skip) const {
  std::vector<std::tuple<bool, Digest, Endpoint>> found;
  found.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    if (entry.connections == 0 && now - entry.last_alive >= kForgottenAfter) continue;
    if (skip && skip(entry.endpoint)) continue;
    found.emplace_back(!entry.proven, distance(id, entry.place), entry.endpoint);
  }
  const size_t first = std::min(count, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(first), found.end());
  std::vector<Endpoint> endpoints;
  for (size_t i = 0; i < first; ++i) endpoints.push_back(std::get<Endpoint>(found[i]));
  return endpoints;
}

bool PlaceTable::is_worth_proving(const Endpoint& endpoint, Time now) const {
  const Entry* const entry = find(endpoint);
  if (entry == nullptr || entry->proven || entry->connections > 0) return false;
  const Digest away = distance(own_, entry->place);
  const auto nearer = std::count_if(entries_.begin(), entries_.end(), [&](const Entry& other) {
    const bool counts = other.proven && now - other.last_alive < kForgottenAfter;
    return counts && distance(own_, other.place) < away;
  });
  return static_cast<size_t>(nearer) < kBucketMax;
}

}  // namespace p2p
