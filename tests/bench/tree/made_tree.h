// A directory as a system has them under /usr/share: many small files, few large ones, links among
// them, folders in folders.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace p2p::bench {

struct MadeTree {
  size_t files = 0;
  size_t links = 0;
  uint64_t bytes = 0;  // of the files
};

// The same for the same seed. Throws std::runtime_error.
MadeTree make_tree(const std::string& top, size_t files, uint64_t seed);

}  // namespace p2p::bench
