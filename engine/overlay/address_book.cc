#include "engine/overlay/address_book.h"

#include <algorithm>

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

AddressBook::AddressBook(size_t max_entries, Duration handed_on_for, uint64_t key)
    : max_entries_(max_entries),
      tried_max_(max_entries - max_entries / 4),
      share_max_(std::max<size_t>(1, max_entries / 8)),
      handed_on_for_(handed_on_for),
      index_(key) {
  P2P_CHECK(max_entries > 0 && max_entries < kNone);
}

AddressBook::Position AddressBook::find(const Endpoint& endpoint) const {
  return index_.find(endpoint, [this](Position at) { return entries_[at].endpoint; });
}

AddressBook::Position AddressBook::add(const Endpoint& endpoint, bool tried, Time now) {
  if (free_.empty()) {
    free_.push_back(static_cast<Position>(entries_.size()));
    entries_.emplace_back();
  }
  const Position position = free_.back();
  free_.pop_back();
  Entry entry;
  entry.endpoint = endpoint;
  entry.in_use = true;
  entry.tried = tried;
  entry.next_dial = now;
  entry.entered_s = seconds_since_origin(now);
  entries_[position] = entry;
  index_.insert(endpoint, position);
  queue_for_dial(position, now);
  P2P_CHECK(size() <= max_entries_);
  return position;
}

void AddressBook::remove(Position position) {
  Entry& entry = entries_[position];
  P2P_CHECK(entry.in_use);
  dials_.take(position);
  if (entry.tried) {
    ++changes_;
    --tried_;
    forget_news(entry);
    const auto count = tried_by_address_.find(bucket_of(entry.endpoint.address));
    if (--count->second == 0) tried_by_address_.erase(count);
  } else {
    hearsay_.remove(position);
  }
  index_.erase(entry.endpoint, position);
  entry.in_use = false;
  free_.push_back(position);
}

// Hearsay.

void AddressBook::heard(const Endpoint& endpoint, const Address& source, Time now) {
  if (contains(endpoint) || is_own(endpoint) || is_shunned(endpoint, now)) return;
  const Address bucket = bucket_of(source);
  if (!make_room_for_hearsay(bucket)) return;
  const Position position = add(endpoint, false, now);
  entries_[position].informant = source;
  hearsay_.add(position, bucket);
}

bool AddressBook::make_room_for_hearsay(const Address& source) {
  if (hearsay_.size_of(source) >= share_max_) remove(hearsay_.oldest_of(source));
  if (size() < max_entries_) return true;
  if (hearsay_.empty()) return false;
  remove(hearsay_.oldest());
  return true;
}

// Tried entries.

bool AddressBook::spoke(const Endpoint& endpoint, Proof proof, Time now) {
  if (is_own(endpoint)) return false;
  const auto shunned = shunned_.find(endpoint);
  if (shunned != shunned_.end() && !shunned->second.fault) shunned_.erase(shunned);
  const Position position = find_or_add_tried(endpoint, now);
  if (position == kNone) return false;
  Entry& entry = entries_[position];
  const bool was_handed_on = may_hand_on(entry, now);
  if (entry.connections == 0) {
    entry.opened = now;
    ++changes_;
  }
  ++entry.connections;
  dials_.take(position);
  entry.last_alive = now;
  entry.dialled = entry.dialled || proof == Proof::dialled;
  entry.failed = is_at_fault(endpoint, now);
  entry.dial_is_older = true;
  if (!was_handed_on && may_hand_on(entry, now)) tell_as_news(position);
  return true;
}

void AddressBook::tell_as_news(Position position) {
  Entry& entry = entries_[position];
  forget_news(entry);
  entry.news = ++last_news_;
  news_.push_back({entry.news, position});
}

void AddressBook::forget_news(const Entry& entry) {
  if (entry.news == 0) return;
  news_.erase(std::lower_bound(news_.begin(), news_.end(), entry.news,
                               [](const NewsItem& a, uint64_t seq) { return a.seq < seq; }));
}

AddressBook::Position AddressBook::find_or_add_tried(const Endpoint& endpoint, Time now) {
  Position position = find(endpoint);
  if (position != kNone && entries_[position].tried) return position;
  if (!make_room_for_tried(endpoint)) return kNone;
  if (position != kNone) {
    hearsay_.remove(position);
    dials_.take(position);
    entries_[position].tried = true;
    queue_for_dial(position, now);
  } else {
    if (size() >= max_entries_) remove(hearsay_.oldest());
    position = add(endpoint, true, now);
  }
  ++tried_;
  ++tried_by_address_[bucket_of(endpoint.address)];
  P2P_CHECK(tried_ <= tried_max_);
  return position;
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
  Position stalest = kNone;
  for (Position at = 0; at < entries_.size(); ++at) {
    const Entry& entry = entries_[at];
    if (!entry.in_use || !entry.tried || entry.connections > 0) continue;
    if (bucket != nullptr && bucket_of(entry.endpoint.address) != *bucket) continue;
    if (stalest == kNone || entry.last_alive < entries_[stalest].last_alive) stalest = at;
  }
  if (stalest == kNone) return false;
  remove(stalest);
  return true;
}

void AddressBook::connection_ended(const Endpoint& endpoint, Time now, Random& random) {
  const Position position = find(endpoint);
  if (position == kNone || entries_[position].connections == 0) return;
  Entry& entry = entries_[position];
  --entry.connections;
  entry.last_alive = now;
  if (entry.connections > 0) return;
  ++changes_;
  if (now - entry.opened >= kLastingConnection) entry.retries = 0;
  back_off(position, now, random);
}

// Dials.

void AddressBook::dial_started(const Endpoint& endpoint, Time now) {
  const Position position = find(endpoint);
  if (position == kNone) return;
  std::erase(remembered_, endpoint);
  entries_[position].dial_is_older = false;
  set_next_dial(position, now + kDialForgotten, now);
}

void AddressBook::dial_abandoned(const Endpoint& endpoint, Time now) {
  const Position position = find(endpoint);
  if (position != kNone) set_next_dial(position, now + kFirstRetry, now);
}

void AddressBook::dial_failed(const Endpoint& endpoint, Time now, Random& random) {
  const Position position = find(endpoint);
  if (position == kNone) return;
  Entry& entry = entries_[position];
  entry.dialled = false;
  entry.failed = entry.failed || !entry.dial_is_older || entry.connections == 0;
  back_off(position, now, random);
  if (entry.tried || entry.retries < kHearsayTries) return;
  remove(position);
  shun(endpoint, now, false);
}

void AddressBook::back_off(Position position, Time now, Random& random) {
  Entry& entry = entries_[position];
  const Duration wait = backoff(entry.retries, kFirstRetry, kLongestRetry, random);
  set_next_dial(position, now + wait, now);
  ++entry.retries;
}

void AddressBook::set_next_dial(Position position, Time when, Time now) {
  Entry& entry = entries_[position];
  const auto shunned = shunned_.find(entry.endpoint);
  if (shunned != shunned_.end()) when = std::max(when, shunned->second.until);
  entry.next_dial = when;
  dials_.take(position);
  if (entry.connections == 0) queue_for_dial(position, now);
}

void AddressBook::queue_for_dial(Position position, Time now) {
  const Entry& entry = entries_[position];
  const auto kind = entry.tried ? DialQueue::Kind::tried : DialQueue::Kind::hearsay;
  dials_.put(position, kind, entry.next_dial, now);
}

void AddressBook::mark_own(const Endpoint& endpoint, Time now) {
  const Position position = find(endpoint);
  if (position != kNone) remove(position);
  if (own_.size() < kOwnMax) {
    own_.insert(endpoint);
  } else if (!is_own(endpoint)) {
    shun(endpoint, now, true);
  }
}

void AddressBook::fault(const Endpoint& endpoint, Time now) {
  if (is_own(endpoint)) return;
  shun(endpoint, now, true);
  const Position position = find(endpoint);
  if (position == kNone) return;
  Entry& entry = entries_[position];
  if (!entry.tried) {
    remove(position);
    return;
  }
  ++changes_;
  entry.dialled = false;
  entry.failed = true;
  set_next_dial(position, now, now);
}

// Linear: it takes a dial of ours to cause it.
void AddressBook::shun(const Endpoint& endpoint, Time now, bool fault) {
  std::erase_if(shunned_, [now](const auto& item) { return item.second.until <= now; });
  if (shunned_.size() >= max_entries_ && !shunned_.contains(endpoint)) {
    shunned_.erase(std::min_element(
        shunned_.begin(), shunned_.end(),
        [](const auto& a, const auto& b) { return a.second.until < b.second.until; }));
  }
  shunned_.insert_or_assign(endpoint, Shunned{now + kShunnedFor, fault, {}});
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
                                                const Skip& skip) {
  const auto skipped = [&](Position at) { return skip && skip(entries_[at].endpoint); };
  std::vector<Endpoint> picked = pick_remembered(now, count, skip);
  const size_t first = picked.size();
  const auto skipped_or_picked = [&](Position at) {
    const auto end = picked.begin() + static_cast<std::ptrdiff_t>(first);
    return skipped(at) || std::find(picked.begin(), end, entries_[at].endpoint) != end;
  };
  for (const Position at : dials_.draw(now, random, count - first, skipped_or_picked)) {
    picked.push_back(entries_[at].endpoint);
  }
  return picked;
}

Time AddressBook::next_due(const Skip& skip) const {
  return dials_.next([&](Position at) { return skip && skip(entries_[at].endpoint); });
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
  auto it = std::upper_bound(news_.begin(), news_.end(), seq,
                             [](uint64_t after, const NewsItem& a) { return after < a.seq; });
  for (; it != news_.end(); ++it) {
    const Entry& entry = entries_[it->position];
    if (!may_hand_on(entry, now)) continue;
    if (news.endpoints.size() == max) return news;
    news.endpoints.push_back(entry.endpoint);
    news.up_to = it->seq;
  }
  news.up_to = std::max(seq, last_news_);
  return news;
}

std::vector<Endpoint> AddressBook::alive_sample(Time now, Random& random, size_t max) const {
  std::vector<Endpoint> sample;
  for (const NewsItem& item : news_) {
    const Entry& entry = entries_[item.position];
    if (may_hand_on(entry, now)) sample.push_back(entry.endpoint);
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
  for (const NewsItem& item : news_) {
    const Entry& entry = entries_[item.position];
    if (may_hand_on(entry, now)) alive.push_back(entry.endpoint);
  }
  std::sort(alive.begin(), alive.end());
  return alive;
}

bool AddressBook::handable(const Endpoint& endpoint, Time now) const {
  const Position position = find(endpoint);
  return position != kNone && may_hand_on(entries_[position], now);
}

bool AddressBook::is_tried(const Endpoint& endpoint) const {
  const Position position = find(endpoint);
  return position != kNone && entries_[position].tried;
}

}  // namespace p2p
