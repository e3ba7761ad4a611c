// The floor under a verified transfer on this machine, with nothing of a protocol in it: one
// process sends a file over loopback TCP with sendfile, another receives pieces of 1 MiB, checks
// each against its SHA-256 on worker threads, as many as p2pnode has, and writes it to a new file.
#pragma once

#include <cstddef>
#include <string>

#include "tests/bench/processes/child.h"

namespace p2p::bench {

struct FloorResult {
  double seconds = 0;
  Cost sender;
  Cost receiver;
};

// Moves `file`, a whole number of MiB, to `copy`. Throws std::runtime_error.
FloorResult run_floor(const std::string& file, const std::string& copy, unsigned hash_threads);

}  // namespace p2p::bench
