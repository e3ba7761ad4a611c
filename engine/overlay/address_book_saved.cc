// What an address book leaves for the next run of its node, and takes over from the last.
#include <algorithm>
#include <tuple>

#include "engine/overlay/address_book.h"

namespace p2p {

namespace {

// Whether anybody could listen there: a book's file may come from anywhere.
bool can_be_dialled(const Endpoint& endpoint) {
  const Address& address = endpoint.address;
  return endpoint.port != 0 && !address.is_unspecified() && !address.is_multicast() &&
         !address.is_link_local();
}

}  // namespace

SavedBook AddressBook::saved(Time now) const {
  std::vector<const Entry*> kept;
  const auto last_alive = [now](const Entry& entry) {
    return entry.connections > 0 ? now : entry.last_alive;
  };
  for (const Entry& entry : entries_) {
    if (!entry.in_use || !entry.tried || shunned_.is_at_fault(entry.endpoint, now)) continue;
    if (now - last_alive(entry) <= kRememberedFor) kept.push_back(&entry);
  }
  // Alive now before all others; those who let us in before those who only came to us.
  const auto rank = [&](const Entry* entry) {
    return std::make_tuple(now - last_alive(*entry), entry->connections == 0, !entry->dialled,
                           entry->endpoint);
  };
  std::sort(kept.begin(), kept.end(),
            [&](const Entry* a, const Entry* b) { return rank(a) < rank(b); });
  SavedBook book;
  for (const Entry* entry : kept) {
    if (book.peers.size() == SavedBook::kMax) break;
    book.peers.push_back({entry->endpoint, now - last_alive(*entry)});
  }
  return book;
}

// From the last to the first: where there is no room for all, the entry that was alive longest ago
// goes, as always.
void AddressBook::restore(const SavedBook& book, Duration elapsed, Time now) {
  for (auto peer = book.peers.rbegin(); peer != book.peers.rend(); ++peer) {
    const Endpoint& endpoint = peer->endpoint;
    const Duration since_alive = peer->since_alive + elapsed;
    if (since_alive > kRememberedFor || !can_be_dialled(endpoint) || is_own(endpoint) ||
        contains(endpoint)) {
      continue;
    }
    const Position position = find_or_add_tried(endpoint, now);
    if (position == kNone) continue;
    // Neither dialled nor connected: nobody is told of it.
    entries_[position].last_alive = now - since_alive;
  }
  for (const SavedPeer& peer : book.peers) {
    if (remembered_.size() == kDialledFirstMax) break;
    if (contains(peer.endpoint)) remembered_.push_back(peer.endpoint);
  }
}

std::vector<Endpoint> AddressBook::pick_remembered(Time now, size_t count, const Skip& skip) const {
  std::vector<Endpoint> picked;
  for (const Endpoint& endpoint : remembered_) {
    if (picked.size() == count) break;
    const Position position = find(endpoint);
    if (position == kNone) continue;
    const Entry& entry = entries_[position];
    if (entry.connections > 0 || entry.next_dial > now || (skip && skip(endpoint))) continue;
    picked.push_back(endpoint);
  }
  return picked;
}

}  // namespace p2p
