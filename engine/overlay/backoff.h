// How long to wait before another try: doubling, bounded, and not at the same moment as everybody
// else whose tries fail for the same reason.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/base/random.h"
#include "engine/base/time.h"

namespace p2p {

// `first` doubled `retries` times, at most `longest`, and then a quarter more or less at random.
inline Duration backoff(uint32_t retries, Duration first, Duration longest, Random& random) {
  Duration wait = std::min(first, longest);
  for (uint32_t i = 0; i < retries && wait < longest; ++i) wait = std::min(wait * 2, longest);
  return random.jittered(wait);
}

}  // namespace p2p
