// Real time, for limits and progress: stands still while the machine sleeps.
#pragma once

#include <chrono>

#include "engine/base/time.h"

namespace p2p::sim::program {

inline Time real_now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Time::from_ns(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
}

}  // namespace p2p::sim::program
