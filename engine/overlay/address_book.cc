#include "engine/overlay/address_book.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/overlay/backoff.h"

namespace p2p {

namespace {

// What one party easily has many of counts as one: the addresses of an IPv6 /64.
Address bucket_of(const Address& address) {
  if (address.is_v4_mapped()) return address;
  Address bucket = address;
  std::fill(bucket.bytes.begin() + 8, bucket.bytes.end(), std::byte{0});
  return bucket;
}

}  // namespace

AddressBook::AddressBook(size_t max_entries, Duration handed_on_for)
    : max_entries_(max_entries),
      tried_max_(max_entries - max_entries / 4),
      share_max_(std::max<size_t>(1, max_entries / 8)),
      handed_on_for_(handed_on_for) {
  P2P_CHECK(max_entries > 0);
}

// Hearsay.

void AddressBook::heard(const Endpoint& endpoint, const Address& source, Time now) {
  if (is_own(endpoint) || contains(endpoint) || is_shunned(endpoint, now)) return;
  const Address bucket = bucket_of(source);
  if (!make_room_for_hearsay(bucket)) return;
  Entry entry;
  entry.source = bucket;
  entry.serial = ++last_serial_;
  entry.next_dial = now;
  entries_.emplace(endpoint, entry);
  hearsay_.emplace(entry.serial, endpoint);
  hearsay_by_source_[bucket].insert(entry.serial);
  dialable_.emplace(now, endpoint);
  P2P_CHECK(entries_.size() <= max_entries_);
}

bool AddressBook::make_room_for_hearsay(const Address& source) {
  const auto share = hearsay_by_source_.find(source);
  if (share != hearsay_by_source_.end() && share->second.size() >= share_max_) {
    remove_serial(*share->second.begin());
  }
  if (entries_.size() < max_entries_) return true;
  if (hearsay_.empty()) return false;
  remove_serial(hearsay_.begin()->first);
  return true;
}

void AddressBook::remove_serial(uint64_t serial) {
  remove(entries_.find(hearsay_.find(serial)->second));
}

void AddressBook::leave_hearsay(const Entry& entry) {
  hearsay_.erase(entry.serial);
  const auto share = hearsay_by_source_.find(entry.source);
  share->second.erase(entry.serial);
  if (share->second.empty()) hearsay_by_source_.erase(share);
}

void AddressBook::remove(Entries::iterator it) {
  P2P_CHECK(it != entries_.end());
  const auto& [endpoint, entry] = *it;
  if (entry.connections == 0) dialable_.erase({entry.next_dial, endpoint});
  if (entry.tried) {
    --tried_;
    news_.erase(entry.news);
    const auto count = tried_by_address_.find(bucket_of(endpoint.address));
    if (--count->second == 0) tried_by_address_.erase(count);
  } else {
    leave_hearsay(entry);
  }
  entries_.erase(it);
}

// Tried entries.

bool AddressBook::spoke(const Endpoint& endpoint, Proof proof, Time now) {
  if (is_own(endpoint)) return false;
  const auto shunned = shunned_.find(endpoint);
  if (shunned != shunned_.end() && !shunned->second.fault) shunned_.erase(shunned);
  const auto it = find_or_add_tried(endpoint, now);
  if (it == entries_.end()) return false;
  Entry& entry = it->second;
  const bool was_handed_on = may_hand_on(entry, now);
  if (entry.connections == 0) entry.opened = now;
  set_connections(it, entry.connections + 1);
  entry.last_alive = now;
  entry.dialled = entry.dialled || proof == Proof::dialled;
  entry.failed = is_at_fault(endpoint, now);
  entry.dial_is_older = true;
  if (was_handed_on || !may_hand_on(entry, now)) return true;
  news_.erase(entry.news);
  entry.news = ++last_news_;
  news_.emplace(entry.news, it);
  return true;
}

AddressBook::Entries::iterator AddressBook::find_or_add_tried(const Endpoint& endpoint, Time now) {
  auto it = entries_.find(endpoint);
  if (it != entries_.end() && it->second.tried) return it;
  if (!make_room_for_tried(endpoint)) return entries_.end();
  if (it != entries_.end()) {
    leave_hearsay(it->second);
  } else {
    if (entries_.size() >= max_entries_) remove_serial(hearsay_.begin()->first);
    Entry entry;
    entry.next_dial = now;
    it = entries_.emplace(endpoint, entry).first;
    dialable_.emplace(now, endpoint);
  }
  it->second.tried = true;
  ++tried_;
  ++tried_by_address_[bucket_of(endpoint.address)];
  P2P_CHECK(tried_ <= tried_max_ && entries_.size() <= max_entries_);
  return it;
}

// Loopback has no share: a hundred nodes on one machine must find each other.
bool AddressBook::make_room_for_tried(const Endpoint& endpoint) {
  const Address bucket = bucket_of(endpoint.address);
  const auto count = tried_by_address_.find(bucket);
  if (!endpoint.address.is_loopback() && count != tried_by_address_.end() &&
      count->second >= share_max_ && !drop_stalest_tried(&bucket)) {
    return false;
  }
  return tried_ < tried_max_ || drop_stalest_tried(nullptr);
}

// Linear: it costs a peer a connection to cause it.
bool AddressBook::drop_stalest_tried(const Address* bucket) {
  auto stalest = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    const auto& [endpoint, entry] = *it;
    if (!entry.tried || entry.connections > 0) continue;
    if (bucket != nullptr && bucket_of(endpoint.address) != *bucket) continue;
    if (stalest == entries_.end() || entry.last_alive < stalest->second.last_alive) stalest = it;
  }
  if (stalest == entries_.end()) return false;
  remove(stalest);
  return true;
}

void AddressBook::connection_ended(const Endpoint& endpoint, Time now, Random& random) {
  const auto it = entries_.find(endpoint);
  if (it == entries_.end() || it->second.connections == 0) return;
  Entry& entry = it->second;
  set_connections(it, entry.connections - 1);
  entry.last_alive = now;
  if (entry.connections > 0) return;
  if (now - entry.opened >= kLastingConnection) entry.retries = 0;
  back_off(it, now, random);
}

void AddressBook::set_connections(Entries::iterator it, uint32_t connections) {
  auto& [endpoint, entry] = *it;
  entry.connections = connections;
  if (connections > 0) {
    dialable_.erase({entry.next_dial, endpoint});
  } else {
    dialable_.emplace(entry.next_dial, endpoint);
  }
}

// Dials.

void AddressBook::dial_started(const Endpoint& endpoint, Time now) {
  const auto it = entries_.find(endpoint);
  if (it == entries_.end()) return;
  it->second.dial_is_older = false;
  set_next_dial(it, now + kDialForgotten);
}

void AddressBook::dial_abandoned(const Endpoint& endpoint, Time now) {
  const auto it = entries_.find(endpoint);
  if (it != entries_.end()) set_next_dial(it, now + kFirstRetry);
}

void AddressBook::dial_failed(const Endpoint& endpoint, Time now, Random& random) {
  const auto it = entries_.find(endpoint);
  if (it == entries_.end()) return;
  Entry& entry = it->second;
  entry.dialled = false;
  entry.failed = entry.failed || !entry.dial_is_older || entry.connections == 0;
  back_off(it, now, random);
  if (entry.tried || entry.retries < kHearsayTries) return;
  remove(it);
  shun(endpoint, now, false);
}

void AddressBook::back_off(Entries::iterator it, Time now, Random& random) {
  Entry& entry = it->second;
  set_next_dial(it, now + backoff(entry.retries, kFirstRetry, kLongestRetry, random));
  ++entry.retries;
}

void AddressBook::set_next_dial(Entries::iterator it, Time when) {
  auto& [endpoint, entry] = *it;
  const auto shunned = shunned_.find(endpoint);
  if (shunned != shunned_.end()) when = std::max(when, shunned->second.until);
  if (entry.connections == 0) {
    dialable_.erase({entry.next_dial, endpoint});
    dialable_.emplace(when, endpoint);
  }
  entry.next_dial = when;
}

void AddressBook::mark_own(const Endpoint& endpoint, Time now) {
  const auto it = entries_.find(endpoint);
  if (it != entries_.end()) remove(it);
  if (own_.size() < kOwnMax) {
    own_.insert(endpoint);
  } else if (!is_own(endpoint)) {
    shun(endpoint, now, true);
  }
}

void AddressBook::fault(const Endpoint& endpoint, Time now) {
  if (is_own(endpoint)) return;
  shun(endpoint, now, true);
  const auto it = entries_.find(endpoint);
  if (it == entries_.end()) return;
  if (!it->second.tried) {
    remove(it);
    return;
  }
  it->second.dialled = false;
  it->second.failed = true;
  set_next_dial(it, now);
}

// Linear: it takes a dial of ours to cause it.
void AddressBook::shun(const Endpoint& endpoint, Time now, bool fault) {
  std::erase_if(shunned_, [now](const auto& item) { return item.second.until <= now; });
  if (shunned_.size() >= max_entries_ && !shunned_.contains(endpoint)) {
    shunned_.erase(std::min_element(
        shunned_.begin(), shunned_.end(),
        [](const auto& a, const auto& b) { return a.second.until < b.second.until; }));
  }
  shunned_.insert_or_assign(endpoint, Shunned{now + kShunnedFor, fault});
}

bool AddressBook::is_shunned(const Endpoint& endpoint, Time now) const {
  const auto it = shunned_.find(endpoint);
  return it != shunned_.end() && now < it->second.until;
}

bool AddressBook::is_at_fault(const Endpoint& endpoint, Time now) const {
  return is_shunned(endpoint, now) && shunned_.find(endpoint)->second.fault;
}

// A small book, many dead tried entries, a little hearsay: an equal draw among all would hardly
// ever reach the hearsay, or the other way round. So the kind is drawn first.
std::vector<Endpoint> AddressBook::pick_to_dial(Time now, Random& random, size_t count,
                                                const Skip& skip) const {
  std::vector<Endpoint> pools[2];
  for (const auto& [when, endpoint] : dialable_) {
    if (when > now) break;
    if (skip && skip(endpoint)) continue;
    pools[entries_.at(endpoint).tried ? 1 : 0].push_back(endpoint);
  }
  std::vector<Endpoint> picked;
  while (picked.size() < count && !(pools[0].empty() && pools[1].empty())) {
    const bool both = !pools[0].empty() && !pools[1].empty();
    const size_t kind = both ? static_cast<size_t>(random.below(2)) : (pools[0].empty() ? 1 : 0);
    std::vector<Endpoint>& pool = pools[kind];
    const auto i = static_cast<size_t>(random.below(pool.size()));
    picked.push_back(pool[i]);
    pool[i] = pool.back();
    pool.pop_back();
  }
  return picked;
}

Time AddressBook::next_due(const Skip& skip) const {
  for (const auto& [when, endpoint] : dialable_) {
    if (!skip || !skip(endpoint)) return when;
  }
  return Time::never();
}

// Handing on.

bool AddressBook::may_hand_on(const Entry& entry, Time now) const {
  if (!entry.tried || entry.failed) return false;
  if (entry.connections > 0) return true;
  return entry.dialled && now - entry.last_alive <= handed_on_for_;
}

AddressBook::News AddressBook::news_since(uint64_t seq, Time now, size_t max) const {
  News news;
  news.up_to = seq;
  for (auto it = news_.upper_bound(seq); it != news_.end(); ++it) {
    const auto& [endpoint, entry] = *it->second;
    if (!may_hand_on(entry, now)) continue;
    if (news.endpoints.size() == max) return news;
    news.endpoints.push_back(endpoint);
    news.up_to = it->first;
  }
  news.up_to = std::max(seq, last_news_);
  return news;
}

std::vector<Endpoint> AddressBook::alive_sample(Time now, Random& random, size_t max) const {
  std::vector<Endpoint> sample;
  for (const auto& [seq, it] : news_) {
    if (may_hand_on(it->second, now)) sample.push_back(it->first);
  }
  // As a shuffle, as far as it shows.
  const size_t count = std::min(max, sample.size());
  for (size_t i = 0; i < count; ++i) {
    const auto j = i + static_cast<size_t>(random.below(sample.size() - i));
    std::swap(sample[i], sample[j]);
  }
  sample.resize(count);
  return sample;
}

std::vector<Endpoint> AddressBook::known_alive(Time now) const {
  std::vector<Endpoint> alive;
  for (const auto& [seq, it] : news_) {
    if (may_hand_on(it->second, now)) alive.push_back(it->first);
  }
  std::sort(alive.begin(), alive.end());
  return alive;
}

bool AddressBook::handable(const Endpoint& endpoint, Time now) const {
  const auto it = entries_.find(endpoint);
  return it != entries_.end() && may_hand_on(it->second, now);
}

bool AddressBook::is_tried(const Endpoint& endpoint) const {
  const auto it = entries_.find(endpoint);
  return it != entries_.end() && it->second.tried;
}

}  // namespace p2p
