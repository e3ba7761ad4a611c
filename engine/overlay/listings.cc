#include "engine/overlay/listings.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/overlay/network_group.h"
#include "engine/overlay/place.h"

namespace p2p {

void Listings::move_to(const Digest& own) {
  std::map<Digest, Listed> moved;
  for (auto& [away, listed] : by_distance_) {
    moved.emplace(distance(distance(away, own_), own), std::move(listed));
  }
  by_distance_ = std::move(moved);
  own_ = own;
}

void Listings::count(const Endpoint& endpoint) {
  ++size_;
  ++of_address_[bucket_of(endpoint.address)];
}

void Listings::discount(const Endpoint& endpoint) {
  --size_;
  const auto found = of_address_.find(bucket_of(endpoint.address));
  if (--found->second == 0) of_address_.erase(found);
}

size_t Listings::of_address(const Endpoint& endpoint) const {
  const auto found = of_address_.find(bucket_of(endpoint.address));
  return found == of_address_.end() ? 0 : found->second;
}

void Listings::drop_over(Listed& listed, Time now) {
  std::erase_if(listed, [&](const Listing& listing) {
    if (now < listing.until) return false;
    discount(listing.endpoint);
    return true;
  });
}

// Linear, so not for every one that is refused.
void Listings::tidy(Time now) {
  if (tidied_ && now - *tidied_ < kTidyEvery) return;
  tidied_ = now;
  for (auto it = by_distance_.begin(); it != by_distance_.end();) {
    drop_over(it->second, now);
    it = it->second.empty() ? by_distance_.erase(it) : std::next(it);
  }
}

bool Listings::make_room_for(const Digest& away, Time now) {
  if (by_distance_.size() >= kIdsMax) tidy(now);
  if (by_distance_.size() < kIdsMax) return true;
  const auto farthest = std::prev(by_distance_.end());
  if (farthest->first < away) return false;
  for (const Listing& listing : farthest->second) discount(listing.endpoint);
  by_distance_.erase(farthest);
  return true;
}

std::optional<Listings::Added> Listings::renew(const Digest& away, const Endpoint& endpoint,
                                               Time now) {
  const auto found = by_distance_.find(away);
  if (found == by_distance_.end()) return std::nullopt;
  Listed& listed = found->second;
  const auto same = std::find_if(listed.begin(), listed.end(), [&](const Listing& listing) {
    return listing.endpoint == endpoint;
  });
  if (same == listed.end()) return std::nullopt;
  const bool over = same->until <= now;
  listed.erase(same);
  listed.push_back({endpoint, now + kListedFor});
  return over ? Added::fresh : Added::renewed;
}

bool Listings::has_share_left(const Digest& away, const Endpoint& endpoint, Time now) {
  if (endpoint.address.is_loopback()) return true;
  if (of_address(endpoint) >= kOfAddressInAllMax) tidy(now);
  if (of_address(endpoint) >= kOfAddressInAllMax) return false;
  const auto there = by_distance_.find(away);
  if (there == by_distance_.end()) return true;
  const Address party = bucket_of(endpoint.address);
  const auto of_party = std::count_if(
      there->second.begin(), there->second.end(),
      [&party](const Listing& listing) { return bucket_of(listing.endpoint.address) == party; });
  return static_cast<size_t>(of_party) < kOfAddressMax;
}

Listings::Added Listings::add(const Digest& id, const Endpoint& endpoint, Time now) {
  const Digest away = distance(own_, id);
  if (const auto renewed = renew(away, endpoint, now)) return *renewed;
  const auto found = by_distance_.find(away);
  if (found != by_distance_.end()) {
    drop_over(found->second, now);
    if (found->second.empty()) {
      by_distance_.erase(found);
    } else if (found->second.size() >= kPerIdMax) {
      return Added::refused;
    }
  }
  if (!has_share_left(away, endpoint, now)) return Added::refused;
  if (!by_distance_.contains(away) && !make_room_for(away, now)) return Added::refused;
  by_distance_[away].push_back({endpoint, now + kListedFor});
  count(endpoint);
  return Added::fresh;
}

std::vector<Endpoint> Listings::under(const Digest& id, Time now) const {
  std::vector<Endpoint> endpoints;
  const auto found = by_distance_.find(distance(own_, id));
  if (found == by_distance_.end()) return endpoints;
  for (const Listing& listing : found->second) {
    if (now < listing.until) endpoints.push_back(listing.endpoint);
  }
  return endpoints;
}

}  // namespace p2p
