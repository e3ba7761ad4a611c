// The original program's demonstration: pieces numbered 0 to POOL - 1, each of zeros but for its
// number, 32 bits little-endian, in its first four bytes. A node holds some and wants others.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/digest.h"
#include "engine/base/piece_size.h"
#include "engine/base/random.h"

namespace p2p {

// As in the original, 60 + 20 is more than 75: what is wanted is what a node lacks, 15 then.
struct DemoShape {
  uint32_t pool = 75;
  uint32_t have = 60;
  uint32_t want = 20;
  friend bool operator==(const DemoShape&, const DemoShape&) = default;
};

struct DemoPiece {
  Digest digest;
  Slice bytes;  // the rest of the piece is zeros
};
DemoPiece demo_piece(uint32_t number, PieceSize piece_size);

// Which of the pool a node holds and wants: no number twice, so that it wants no more than it
// lacks.
struct DemoChoice {
  std::vector<uint32_t> have;
  std::vector<uint32_t> want;
};
// Requires have <= pool.
DemoChoice choose_demo(const DemoShape& shape, Random& random);

}  // namespace p2p
