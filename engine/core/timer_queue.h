// When which connection is to be looked at next. Adding is cheap; what has been overtaken by a
// later add stays until it comes to the front, where the owner says that it counts no more.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace p2p {

class TimerQueue {
 public:
  struct Entry {
    Time when;
    ConnId conn;
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };

  void add(Time when, ConnId conn) {
    heap_.push_back({when, conn});
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }
  bool empty() const { return heap_.empty(); }
  // Time::never() when there is none.
  Time next() const { return heap_.empty() ? Time::never() : heap_.front().when; }
  // Requires !empty(). Of equal times the lowest id first.
  Entry take() {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    const Entry entry = heap_.back();
    heap_.pop_back();
    return entry;
  }

  // Drops from the front what `counts` is false for; and all of that, when the queue is longer than
  // four times `connections` and a few: so that it stays bounded whatever is added.
  template <class Counts>
  void tidy(size_t connections, Counts counts) {
    while (!heap_.empty() && !counts(heap_.front())) take();
    constexpr size_t kFew = 64;
    if (heap_.size() <= 4 * connections + kFew) return;
    std::erase_if(heap_, [&](const Entry& entry) { return !counts(entry); });
    std::make_heap(heap_.begin(), heap_.end(), std::greater<>());
  }

 private:
  std::vector<Entry> heap_;  // the earliest in front
};

}  // namespace p2p
