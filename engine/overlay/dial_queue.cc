#include "engine/overlay/dial_queue.h"

#include <algorithm>

#include "engine/base/check.h"

namespace p2p {

void DialQueue::put(uint32_t position, Kind kind, Time when, Time now) {
  if (position >= places_.size()) places_.resize(position + 1);
  Place& place = places_[position];
  P2P_CHECK(!place.is_in);
  now_ = std::max(now_, now);
  place = {true, false, kind, 0, when};
  if (when <= now_) {
    make_due(position);
  } else {
    waiting_.emplace(when, position);
  }
}

void DialQueue::take(uint32_t position) {
  if (position >= places_.size() || !places_[position].is_in) return;
  Place& place = places_[position];
  place.is_in = false;
  if (!place.is_due) {
    waiting_.erase({place.when, position});
    return;
  }
  const auto kind = static_cast<size_t>(place.kind);
  swap_due(kind, place.index, due_[kind].size() - 1);
  due_[kind].pop_back();
}

void DialQueue::advance(Time now) {
  now_ = std::max(now_, now);
  while (!waiting_.empty() && waiting_.begin()->first <= now_) {
    const uint32_t position = waiting_.begin()->second;
    waiting_.erase(waiting_.begin());
    make_due(position);
  }
}

void DialQueue::make_due(uint32_t position) {
  Place& place = places_[position];
  std::vector<uint32_t>& pool = due_[static_cast<size_t>(place.kind)];
  place.is_due = true;
  place.index = static_cast<uint32_t>(pool.size());
  pool.push_back(position);
}

void DialQueue::swap_due(size_t kind, size_t a, size_t b) {
  std::vector<uint32_t>& pool = due_[kind];
  std::swap(pool[a], pool[b]);
  places_[pool[a]].index = static_cast<uint32_t>(a);
  places_[pool[b]].index = static_cast<uint32_t>(b);
}

}  // namespace p2p
