#include "engine/overlay/address_book.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/overlay/backoff.h"
#include "engine/overlay/network_group.h"

namespace p2p {

AddressBook::AddressBook(size_t max_entries, Duration handed_on_for, uint64_t key)
    : max_entries_(max_entries),
      tried_max_(max_entries - max_entries / 4),
      share_max_(std::max<size_t>(1, max_entries / 8)),
      handed_on_for_(handed_on_for),
      key_(key),
      index_(key),
      hearsay_(key),
      shunned_(max_entries) {
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
  entry.network = tag_of(network_of(endpoint.address), key_);
  entry.next_dial = now;
  entry.entered_s = seconds_since_origin(now);
  entries_[position] = entry;
  index_.insert(endpoint, position);
  networks(tried).add(entry.network);
  if (!tried) hearsay_by_address_.add(tag_of(endpoint.address, key_));
  queue_for_dial(position, now);
  P2P_CHECK(size() <= max_entries_);
  return position;
}

uint32_t AddressBook::bucket_tag(const Endpoint& endpoint) const {
  return tag_of(bucket_of(endpoint.address), key_);
}

void AddressBook::remove(Position position) {
  Entry& entry = entries_[position];
  P2P_CHECK(entry.in_use);
  dials_.take(position);
  networks(entry.tried).remove(entry.network);
  if (entry.tried) {
    ++changes_;
    --tried_;
    unlist(entry);
    tried_by_address_.remove(bucket_tag(entry.endpoint));
  } else {
    hearsay_.remove(position);
    hearsay_by_address_.remove(tag_of(entry.endpoint.address, key_));
  }
  index_.erase(entry.endpoint, position);
  entry.in_use = false;
  free_.push_back(position);
}

// Hearsay.

void AddressBook::heard(const Endpoint& endpoint, const Address& source, Time now) {
  if (contains(endpoint) || is_own(endpoint) || is_left_alone(endpoint, now)) return;
  if (endpoint.address.is_public() &&
      hearsay_by_address_.count(tag_of(endpoint.address, key_)) >= kHearsayPerAddress) {
    return;
  }
  if (!make_room_for_hearsay(endpoint, bucket_of(source))) return;
  const Position position = add(endpoint, false, now);
  entries_[position].informant = source;
  hearsay_.add(position, bucket_of(source), network_of(source));
}

// Not to be dialled on hearsay.
bool AddressBook::is_left_alone(const Endpoint& endpoint, Time now) const {
  if (shunned_.contains(endpoint, now) || shunned_.rests(endpoint.address, now)) return true;
  return shunned_.network_rests(endpoint.address, now) &&
         tried_by_network_.count(tag_of(network_of(endpoint.address), key_)) == 0;
}

bool AddressBook::make_room_for_hearsay(const Endpoint& endpoint, const Address& source) {
  if (hearsay_.size_of(source) >= share_max_) remove(hearsay_.oldest_of(source));
  if (size() < max_entries_) return true;
  if (hearsay_.empty()) return false;
  const uint32_t network = tag_of(network_of(endpoint.address), key_);
  const size_t share = std::max<size_t>(1, (size() - tried_) / 8);
  if (hearsay_by_network_.count(network) > share) {
    remove(hearsay_.oldest_that([&](Position at) { return entries_[at].network == network; }));
  } else {
    remove(hearsay_.oldest_of_the_loudest());
  }
  return true;
}

// Tried entries.

bool AddressBook::spoke(const Endpoint& endpoint, Proof proof, Time now, Stay stay) {
  if (is_own(endpoint)) return false;
  shunned_.spoke_with(endpoint);
  const Position position = find_or_add_tried(endpoint, now);
  if (position == kNone) return false;
  Entry& entry = entries_[position];
  entry.told = entry.told && (may_hand_on(entry, now) ||
                              (!entry.failed && now - entry.last_alive < kNewsAgainAfter));
  if (entry.connections == 0) {
    entry.opened = now;
    ++changes_;
  }
  ++entry.connections;
  dials_.take(position);
  entry.last_alive = now;
  entry.dialled = entry.dialled || proof == Proof::dialled;
  entry.failed = shunned_.is_at_fault(endpoint, now);
  entry.dial_is_older = true;
  if (entry.listed == 0) list_as_alive(position);
  if (stay == Stay::as_neighbour) stays(endpoint, now);
  return true;
}

void AddressBook::stays(const Endpoint& endpoint, Time now) {
  const Position position = find(endpoint);
  if (position == kNone) return;
  Entry& entry = entries_[position];
  if (entry.told || !may_hand_on(entry, now)) return;
  entry.told = true;
  list_as_alive(position);
  last_news_ = last_listed_;
}

void AddressBook::list_as_alive(Position position) {
  Entry& entry = entries_[position];
  unlist(entry);
  entry.listed = ++last_listed_;
  listed_.push_back({entry.listed, position});
}

void AddressBook::unlist(const Entry& entry) {
  if (entry.listed == 0) return;
  listed_.erase(std::lower_bound(listed_.begin(), listed_.end(), entry.listed,
                                 [](const Listed& a, uint64_t seq) { return a.seq < seq; }));
}

AddressBook::Position AddressBook::find_or_add_tried(const Endpoint& endpoint, Time now) {
  Position position = find(endpoint);
  if (position != kNone && entries_[position].tried) return position;
  if (!make_room_for_tried(endpoint)) return kNone;
  if (position != kNone) {
    turn_into_tried(position, now);
  } else {
    if (size() >= max_entries_) remove(hearsay_.oldest_of_the_loudest());
    position = add(endpoint, true, now);
  }
  ++tried_;
  tried_by_address_.add(bucket_tag(endpoint));
  P2P_CHECK(tried_ <= tried_max_);
  return position;
}

void AddressBook::turn_into_tried(Position position, Time now) {
  Entry& entry = entries_[position];
  hearsay_.remove(position);
  hearsay_by_address_.remove(tag_of(entry.endpoint.address, key_));
  hearsay_by_network_.remove(entry.network);
  tried_by_network_.add(entry.network);
  dials_.take(position);
  entry.tried = true;
  queue_for_dial(position, now);
}

// Loopback has no share: a hundred nodes on one machine must find each other.
bool AddressBook::make_room_for_tried(const Endpoint& endpoint) {
  const bool has_share =
      endpoint.address.is_loopback() || tried_by_address_.count(bucket_tag(endpoint)) < share_max_;
  if (!has_share) {
    const Address bucket = bucket_of(endpoint.address);
    const bool dropped = drop_stalest_tried(
        [&](const Entry& entry) { return bucket_of(entry.endpoint.address) == bucket; });
    if (!dropped) return false;
  }
  if (tried_ < tried_max_) return true;
  const size_t largest = tried_by_network_.largest();
  const auto crowded = [&](const Entry& entry) {
    return tried_by_network_.count(entry.network) == largest;
  };
  return drop_stalest_tried(crowded) || drop_stalest_tried([](const Entry&) { return true; });
}

// Who has answered a dial, and none has failed since, is tried out once more before it goes.
// Linear: it costs a peer a connection to cause it.
bool AddressBook::drop_stalest_tried(const std::function<bool(const Entry&)>& among) {
  Position stalest = kNone;
  Position to_test = kNone;
  for (Position at = 0; at < entries_.size(); ++at) {
    const Entry& entry = entries_[at];
    if (!entry.in_use || !entry.tried || entry.connections > 0 || !among(entry)) continue;
    Position& slot = entry.dialled && !entry.failed ? to_test : stalest;
    if (slot == kNone || entry.last_alive < entries_[slot].last_alive) slot = at;
  }
  if (stalest == kNone) {
    if (to_test != kNone) to_test_ = entries_[to_test].endpoint;
    return false;
  }
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
  if (to_test_ == endpoint) to_test_.reset();
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
  if (entry.tried) return;
  bool again = entry.retries >= kHearsayTries;
  if (entry.retries == 1) {
    again = again || shunned_.suspects(endpoint.address, now);
    if (shunned_.add_failure(endpoint.address, now)) remove_hearsay_beside(position);
  }
  if (!again) return;
  remove(position);
  shunned_.add_unreachable(endpoint, now);
}

void AddressBook::back_off(Position position, Time now, Random& random) {
  Entry& entry = entries_[position];
  const Duration wait = backoff(entry.retries, kFirstRetry, kLongestRetry, random);
  set_next_dial(position, now + wait, now);
  ++entry.retries;
}

void AddressBook::set_next_dial(Position position, Time when, Time now) {
  Entry& entry = entries_[position];
  entry.next_dial = shunned_.not_before(entry.endpoint, when);
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
    shunned_.add_fault(endpoint, now);
  }
}

void AddressBook::fault(const Endpoint& endpoint, Time now) {
  if (is_own(endpoint)) return;
  shunned_.add_fault(endpoint, now);
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

// All other hearsay at its address, as one dial there has failed. Linear: it takes a dial of ours
// to cause it.
void AddressBook::remove_hearsay_beside(Position position) {
  const Address address = entries_[position].endpoint.address;
  for (Position at = 0; at < entries_.size(); ++at) {
    const Entry& entry = entries_[at];
    if (at == position || !entry.in_use || entry.tried) continue;
    if (entry.endpoint.address == address) remove(at);
  }
}

// A small book, many dead tried entries, a little hearsay: an equal draw among all would hardly
// ever reach the hearsay, or the other way round. So the kind is drawn first; but whoever names
// many of one network gets no more than the turn of that network.
std::vector<Endpoint> AddressBook::pick_to_dial(Time now, Random& random, size_t count,
                                                const Skip& skip) {
  const auto skipped = [&](Position at) { return skip && skip(entries_[at].endpoint); };
  std::vector<Endpoint> picked = pick_remembered(now, count, skip);
  const size_t first = picked.size();
  const auto skipped_or_picked = [&](Position at) {
    const auto end = picked.begin() + static_cast<std::ptrdiff_t>(first);
    return skipped(at) || std::find(picked.begin(), end, entries_[at].endpoint) != end;
  };
  const auto crowd = [this](Position at) {
    return networks(entries_[at].tried).count(entries_[at].network);
  };
  const auto has_turn = [&](Position at) { return draw_for_network(entries_[at].network, random); };
  for (const Position at :
       dials_.draw(now, random, count - first, skipped_or_picked, crowd, has_turn)) {
    picked.push_back(entries_[at].endpoint);
  }
  return picked;
}

bool AddressBook::draw_for_network(const Endpoint& endpoint, Random& random) const {
  return draw_for_network(tag_of(network_of(endpoint.address), key_), random);
}

bool AddressBook::draw_for_network(uint32_t network, Random& random) const {
  const size_t networks =
      std::max({tried_by_network_.groups(), hearsay_by_network_.groups(), size_t{1}});
  const size_t crowd = crowd_of(network);
  const size_t average = (size() + networks - 1) / networks;
  return crowd <= average || random.below(crowd) < average;
}

std::vector<Endpoint> AddressBook::pick_to_try_out(Time now, Random& random, const Skip& skip) {
  if (to_test_) {
    const Endpoint endpoint = *std::exchange(to_test_, std::nullopt);
    const Position position = find(endpoint);
    const bool waits = position == kNone || entries_[position].connections > 0;
    if (!waits && !(skip && skip(endpoint))) return {endpoint};
  }
  const bool hearsay_only = random.below(kTriedOutOnceIn) != 0;
  const auto not_worth_it = [&](const Endpoint& endpoint) {
    if (skip && skip(endpoint)) return true;
    const Entry& entry = entries_[find(endpoint)];
    if (!entry.tried) return false;
    return hearsay_only || (!entry.failed && now - entry.last_alive < kNewsAgainAfter);
  };
  const auto picked = pick_to_dial(now, random, 1, not_worth_it);
  if (!picked.empty() || !hearsay_only) return picked;
  return pick_to_dial(now, random, 1, skip);
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
  auto it = std::upper_bound(listed_.begin(), listed_.end(), seq,
                             [](uint64_t after, const Listed& a) { return after < a.seq; });
  for (; it != listed_.end(); ++it) {
    const Entry& entry = entries_[it->position];
    if (!entry.told || !may_hand_on(entry, now)) continue;
    if (news.endpoints.size() == max) return news;
    news.endpoints.push_back(entry.endpoint);
    news.up_to = it->seq;
  }
  news.up_to = std::max(seq, last_news_);
  return news;
}

std::vector<Endpoint> AddressBook::alive_sample(Time now, Random& random, size_t max) const {
  std::vector<Position> sample;
  for (const Listed& item : listed_) {
    if (may_hand_on(entries_[item.position], now)) sample.push_back(item.position);
  }
  random.shuffle(sample);
  if (sample.size() > max) choose_of_many_networks(sample, max);
  std::vector<Endpoint> endpoints;
  for (const Position at : sample) endpoints.push_back(entries_[at].endpoint);
  return endpoints;
}

// The first of every network, then the second of every network, until there are enough.
void AddressBook::choose_of_many_networks(std::vector<Position>& sample, size_t count) const {
  std::vector<std::pair<uint32_t, uint32_t>> ranked;  // network, place in the sample
  for (uint32_t i = 0; i < sample.size(); ++i) ranked.emplace_back(entries_[sample[i]].network, i);
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::pair<uint32_t, uint32_t>> turns;  // which of its network, place in the sample
  for (size_t i = 0; i < ranked.size(); ++i) {
    const bool same = i > 0 && ranked[i].first == ranked[i - 1].first;
    turns.emplace_back(same ? turns.back().first + 1 : 0, ranked[i].second);
  }
  std::sort(turns.begin(), turns.end());
  std::vector<Position> chosen;
  for (size_t i = 0; i < count; ++i) chosen.push_back(sample[turns[i].second]);
  sample = std::move(chosen);
}

std::vector<Endpoint> AddressBook::known_alive(Time now) const {
  std::vector<Endpoint> alive;
  for (const Listed& item : listed_) {
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
