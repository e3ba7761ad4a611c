#include "io_sim/run/meters.h"

#include <algorithm>

namespace p2p::sim {

namespace {

constexpr Duration kMinute = Duration::minutes(1);

int64_t minute_of(Time when) { return (when - Time()).count_ns() / kMinute.count_ns(); }

}  // namespace

void DialMeter::dialled(const Address& address, Time when) {
  const auto host = dials_.find(address);
  if (host == dials_.end()) return;
  std::deque<Time>& times = host->second;
  while (!times.empty() && when - times.front() >= kMinute) times.pop_front();
  times.push_back(when);
}

uint64_t DialMeter::last_minute(const Address& address, Time now) const {
  const auto host = dials_.find(address);
  if (host == dials_.end()) return 0;
  return static_cast<uint64_t>(std::count_if(host->second.begin(), host->second.end(),
                                             [now](Time when) { return now - when < kMinute; }));
}

void ByteMeter::advance(int64_t minute) {
  const int64_t passed = std::min(minute - minute_, kMinutes);
  for (int64_t i = 1; i <= passed; ++i) {
    bytes_[static_cast<size_t>((minute_ + i) % kMinutes)] = 0;
  }
  minute_ = minute;
}

void ByteMeter::moved(uint64_t bytes, Time when) {
  advance(minute_of(when));
  bytes_[static_cast<size_t>(minute_ % kMinutes)] += bytes;
}

uint64_t ByteMeter::last_hour(Time now) const {
  ByteMeter as_of_now = *this;
  as_of_now.advance(minute_of(now));
  uint64_t sum = 0;
  for (const uint64_t bytes : as_of_now.bytes_) sum += bytes;
  return sum;
}

}  // namespace p2p::sim
