// How many records of endpoints a peer may still tell over one connection: a bucket that is full at
// first, as a first answer may have as many as one message holds, and gains twice what an honest
// neighbour says after that (docs/protocol.md: at most 50 every 10 s).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace p2p {

class RecordAllowance {
 public:
  static constexpr uint32_t kMax = 1024;  // docs/protocol.md: records of one message
  static constexpr uint32_t kGained = 50;
  static constexpr Duration kEvery = Duration::seconds(5);

  explicit RecordAllowance(Time opened = {}) : counted_from_(opened) {}

  // How many of `records` are to be read: the first so many. `now` never goes back.
  size_t take(size_t records, Time now) {
    const int64_t rounds = (now - counted_from_).count_ns() / kEvery.count_ns();
    counted_from_ = counted_from_ + kEvery * rounds;
    const int64_t gained = std::min<int64_t>(rounds, kMax / kGained + 1) * kGained;
    left_ = static_cast<uint32_t>(std::min<int64_t>(kMax, left_ + gained));
    const auto taken = static_cast<uint32_t>(std::min<size_t>(records, left_));
    left_ -= taken;
    return taken;
  }

 private:
  uint32_t left_ = kMax;
  Time counted_from_;
};

}  // namespace p2p
