// Pieces of a run, each kept once however many nodes have it. Those of made-up contents are not
// kept at all, but made again when somebody looks at them: a content of gigabytes costs no memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <variant>

#include "engine/base/bytes.h"
#include "engine/base/digest.h"

namespace p2p::sim {

class PiecePool {
 public:
  // What make_bytes(seed) gives, as long as that.
  struct Recipe {
    uint64_t seed = 0;
    uint32_t length = 0;  // bytes, without trailing zeros
  };

  // Takes a piece into the pool, unless it is there. `bytes` may have trailing zeros and have not
  // been checked. Where they, filled up with zeros to `piece_bytes`, don't have that digest,
  // nothing is taken: false.
  bool keep(const Digest& digest, const Slice& bytes, size_t piece_bytes);
  // As above, for what is known to match.
  void add(const Digest& digest, Slice bytes);
  void add(const Digest& digest, const Recipe& recipe);

  // The piece without trailing zeros; nullopt: the pool has no such piece.
  std::optional<Slice> find(const Digest& digest);

 private:
  struct Made {
    Digest digest;
    std::shared_ptr<Block> block;
    size_t length = 0;
  };
  Slice make(const Digest& digest, const Recipe& recipe);

  std::unordered_map<Digest, std::variant<Slice, Recipe>, DigestHash>
      pieces_;  // looked up, never gone through
  // Those made last: whoever is sent a piece stores it soon after, and the memory is used again.
  std::array<Made, 32> made_;
  size_t next_made_ = 0;
};

}  // namespace p2p::sim
