// Pieces of a run, each kept once however many nodes have it.
#pragma once

#include <memory>
#include <unordered_map>

#include "engine/base/bytes.h"
#include "engine/base/digest.h"

namespace p2p::sim {

class PiecePool {
 public:
  // The pool's own copy of a piece, without trailing zeros. `bytes` may have them and have not been
  // checked. Where they, filled up with zeros to `piece_bytes`, don't have that digest, `matches`
  // is false and they are this caller's alone.
  struct Kept {
    Slice bytes;
    bool matches = true;
  };
  Kept keep(const Digest& digest, const Slice& bytes, size_t piece_bytes);
  // As above, for bytes that are known to match, without trailing zeros.
  void add(const Digest& digest, Slice bytes);
  // nullptr when the pool has no such piece.
  const Slice* find(const Digest& digest) const;

 private:
  std::unordered_map<Digest, Slice, DigestHash> pieces_;  // looked up, never gone through
};

}  // namespace p2p::sim
