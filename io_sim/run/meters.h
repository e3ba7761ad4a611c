// What is counted over a moving window: dials to each host, bytes of each node.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "engine/base/endpoint.h"
#include "engine/base/time.h"
#include "io_sim/check/view.h"

namespace p2p::sim {

// Dials to the hosts of a run; dials to other addresses are not counted. Memory: one time for each
// dial of the last minute.
class DialMeter {
 public:
  void add_host(const Address& address) { dials_[address]; }
  void dialled(const Address& address, Time when);
  uint64_t last_minute(const Address& address, Time now) const;

 private:
  std::map<Address, std::deque<Time>> dials_;
};

// The bytes of one node in the last hour, by minutes: sixty whole ones and the one under way.
class ByteMeter {
 public:
  void moved(uint64_t bytes, Time when);
  uint64_t last_hour(Time now) const;

 private:
  static constexpr int64_t kMinutes = 61;
  void advance(int64_t minute);

  std::array<uint64_t, kMinutes> bytes_{};  // by minute, modulo
  int64_t minute_ = 0;                      // the one under way at the last call of moved()
};

}  // namespace p2p::sim
