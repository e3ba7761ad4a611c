#include "engine/overlay/shun_list.h"

#include <algorithm>

#include "engine/overlay/network_group.h"

namespace p2p {

namespace {

// `first` doubled `times` times, at most `longest`.
Duration doubled(Duration first, uint32_t times, Duration longest) {
  Duration wait = first;
  for (uint32_t i = 0; i < times && wait < longest; ++i) wait = wait * 2;
  return std::min(wait, longest);
}

// Makes room for `key` in a table of at most `max`, in place of what is forgotten, or else of what
// ends first. Linear: it takes a dial of ours to cause it.
template <class Map, class Key>
void make_room(Map& map, const Key& key, size_t max, Time now) {
  std::erase_if(map, [now](const auto& item) { return item.second.forgotten <= now; });
  if (map.size() < max || map.contains(key)) return;
  map.erase(std::min_element(map.begin(), map.end(), [](const auto& a, const auto& b) {
    return a.second.until < b.second.until;
  }));
}

}  // namespace

void ShunList::add_fault(const Endpoint& endpoint, Time now) {
  Shunned& shunned = place(endpoint, now);
  shunned.until = std::max(shunned.until, now + kFirst);
  shunned.forgotten = std::max(shunned.forgotten, shunned.until);
  shunned.fault = true;
}

void ShunList::add_unreachable(const Endpoint& endpoint, Time now) {
  Shunned& shunned = place(endpoint, now);
  const Duration wait = doubled(kFirst, shunned.times, kLongest);
  ++shunned.times;
  shunned.until = std::max(shunned.until, now + wait);
  shunned.forgotten = shunned.until + wait;
}

ShunList::Shunned& ShunList::place(const Endpoint& endpoint, Time now) {
  make_room(endpoints_, endpoint, max_, now);
  Shunned& shunned =
      endpoints_.try_emplace(endpoint, Shunned{now, now, now, 0, false, {}}).first->second;
  if (shunned.until <= now) {
    shunned.fault = false;
    shunned.since = now;
  }
  return shunned;
}

bool ShunList::add_failure(const Address& address, Time now) {
  if (address.is_loopback()) return false;
  make_room(addresses_, address, max_, now);
  Rest& rest = addresses_.try_emplace(address, Rest{now, now, 0, 0}).first->second;
  if (rest.times == 0 && ++rest.failures < kEndpointsOfAddress) {
    rest.forgotten = now + kFailureCounts;
    return false;
  }
  const Duration wait = doubled(kFirst, rest.times, kLongestOfAddress);
  ++rest.times;
  rest.until = std::max(rest.until, now + wait);
  rest.forgotten = rest.until + wait;
  return true;
}

void ShunList::spoke_with(const Endpoint& endpoint) {
  addresses_.erase(endpoint.address);
  const auto found = endpoints_.find(endpoint);
  if (found != endpoints_.end() && !found->second.fault) endpoints_.erase(found);
}

const ShunList::Shunned* ShunList::find(const Endpoint& endpoint, Time now) const {
  const auto found = endpoints_.find(endpoint);
  return found != endpoints_.end() && now < found->second.until ? &found->second : nullptr;
}

bool ShunList::is_at_fault(const Endpoint& endpoint, Time now) const {
  const Shunned* const shunned = find(endpoint, now);
  return shunned != nullptr && shunned->fault;
}

Time ShunList::not_before(const Endpoint& endpoint, Time when) const {
  const auto found = endpoints_.find(endpoint);
  return found == endpoints_.end() ? when : std::max(when, found->second.until);
}

bool ShunList::rests(const Address& address, Time now) const {
  const auto found = addresses_.find(address);
  return found != addresses_.end() && now < found->second.until;
}

// Addresses of one network are neighbours in the table.
bool ShunList::network_rests(const Address& address, Time now) const {
  if (addresses_.size() < kAddressesOfNetwork || address.is_private()) return false;
  const Address network = network_of(address);
  size_t resting = 0;
  for (auto at = addresses_.lower_bound(network);
       at != addresses_.end() && network_of(at->first) == network; ++at) {
    if (now < at->second.until && ++resting == kAddressesOfNetwork) return true;
  }
  return false;
}

bool ShunList::suspects(const Address& address, Time now) const {
  const auto found = addresses_.find(address);
  return found != addresses_.end() && now < found->second.forgotten;
}

void ShunList::note(const Endpoint& endpoint, Contact contact) {
  const auto found = endpoints_.find(endpoint);
  if (found != endpoints_.end()) found->second.contact = contact;
}

size_t ShunList::size(Time now) const {
  return static_cast<size_t>(
      std::count_if(endpoints_.begin(), endpoints_.end(),
                    [now](const auto& item) { return now < item.second.until; }));
}

}  // namespace p2p
