// What the timers of a RawPeer are for, packed into their tags.
#pragma once

#include <cstdint>

namespace p2p::sim {

enum class TimerKind : uint8_t {
  tick,        // a hostile peer does what it does; of nothing
  redial,      // of the target's number
  burst,       // the original asks; of the connection
  dial_limit,  // the kernel gives the original's dial up; of the connection
};

struct TimerTag {
  TimerKind kind = TimerKind::tick;
  uint64_t of = 0;  // less than 2^56

  constexpr uint64_t packed() const { return of << 8 | static_cast<uint64_t>(kind); }
  static constexpr TimerTag unpacked(uint64_t tag) {
    return {static_cast<TimerKind>(tag & 0xff), tag >> 8};
  }
};

}  // namespace p2p::sim
