// Which cached content goes first: what is well spread, as others can still be asked for it.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/digest.h"

namespace p2p::io_linux {

struct CachedContent {
  Digest id;
  uint64_t holders = 0;  // other nodes that were said to hold it when it was got
  int64_t used_s = 0;    // when it was got or read last, seconds since 1970
};

// The first to go first: the one that most others hold, as far as was said; of those alike the one
// that was used least recently; of those alike by id, so that two runs agree.
std::vector<Digest> eviction_order(std::vector<CachedContent> contents);

}  // namespace p2p::io_linux
