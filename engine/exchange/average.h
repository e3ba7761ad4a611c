// What durations were of late.
#pragma once

#include <cstdint>

#include "engine/base/time.h"

namespace p2p {

// An average in which each new one counts for an eighth. `average` is zero before the first.
constexpr Duration averaged(Duration average, Duration latest) {
  constexpr int64_t kAverageOf = 8;
  if (average == Duration()) return latest;
  return (average * (kAverageOf - 1) + latest) / kAverageOf;
}

}  // namespace p2p
