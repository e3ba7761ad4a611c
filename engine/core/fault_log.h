// Says why connections were closed, at a limited rate, so that a peer can't fill a disk with lines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/time.h"
#include "engine/core/notice.h"

namespace p2p {

// A bucket of 10 lines that gains one a second.
class FaultLog {
 public:
  static constexpr int64_t kBurst = 10;
  static constexpr Duration kEvery = Duration::seconds(1);

  // The line to say, with the number of those that went unsaid before it; nullopt: not now.
  std::optional<PeerClosed> admit(Time now, const Endpoint& remote, CloseReason reason,
                                  std::string detail) {
    // `full_at_` is when the bucket will be full again; each line moves it by kEvery.
    if (full_at_ < now) full_at_ = now;
    if (full_at_ - now > kEvery * (kBurst - 1)) {
      ++suppressed_;
      return std::nullopt;
    }
    full_at_ = full_at_ + kEvery;
    return PeerClosed{remote, reason, std::move(detail), std::exchange(suppressed_, 0)};
  }

 private:
  Time full_at_;
  uint64_t suppressed_ = 0;
};

}  // namespace p2p
