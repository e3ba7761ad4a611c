// How far a sweep is, in words: the line that it shows on a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/base/time.h"

namespace p2p::sim::program {

struct SweepProgress {
  uint64_t done = 0;
  uint64_t total = 0;
  uint64_t failed = 0;
  Duration elapsed;  // real time
};

// One line of at most `columns` - 1 characters: seeds done, failures, seeds a second, time left.
std::string progress_line(const SweepProgress& progress, size_t columns);

}  // namespace p2p::sim::program
