// The contents of a run: bytes that follow from the seed, as trees of pieces.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/random.h"
#include "io_sim/scenario/scenario.h"
#include "io_sim/world/piece_pool.h"

namespace p2p::sim {

struct MadeContent {
  Digest root;
  std::vector<Digest> pieces;  // all of the tree, nodes too
};

// Puts every piece of the content into the pool.
MadeContent make_content(const Content& content, PieceSize piece_size, uint64_t seed,
                         PiecePool& pool);

// The pieces of the original's demonstration (engine/content/demo.h), by number.
std::vector<Digest> make_demo_pieces(uint32_t pool_size, PieceSize piece_size, PiecePool& pool);

}  // namespace p2p::sim
