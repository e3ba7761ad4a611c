#include "io_linux/timers.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace p2p::io_linux {

uint64_t Timers::add(Time now, Duration interval, Callback callback) {
  P2P_CHECK(interval > Duration());
  timers_.emplace(++last_, Timer{now + interval, interval, std::move(callback)});
  return last_;
}

void Timers::remove(uint64_t timer) { timers_.erase(timer); }

Time Timers::next() const {
  Time next = Time::never();
  for (const auto& [id, timer] : timers_) next = std::min(next, timer.due);
  return next;
}

void Timers::run_due(Time now) {
  std::vector<uint64_t> due;
  for (const auto& [id, timer] : timers_) {
    if (timer.due <= now) due.push_back(id);
  }
  for (const uint64_t id : due) {
    const auto found = timers_.find(id);
    if (found == timers_.end()) continue;  // removed by a callback before it
    found->second.due = now + found->second.interval;
    const Callback callback = found->second.callback;  // outlives a timer that removes itself
    callback();
  }
}

}  // namespace p2p::io_linux
