#include "io_sim/world/piece_pool.h"

#include <algorithm>
#include <utility>

namespace p2p::sim {

PiecePool::Kept PiecePool::keep(const Digest& digest, const Slice& bytes, size_t piece_bytes) {
  const size_t length = length_without_trailing_zeros(bytes.bytes());
  const auto found = pieces_.find(digest);
  if (found != pieces_.end()) {
    const auto known = found->second.bytes();
    const auto given = bytes.bytes().first(length);
    if (std::equal(known.begin(), known.end(), given.begin(), given.end())) {
      return {found->second, true};
    }
    return {Slice::copy_of(given), false};
  }
  const Slice kept = Slice::copy_of(bytes.bytes().first(length));
  if (sha256_zero_filled(kept.bytes(), piece_bytes - length) != digest) return {kept, false};
  pieces_.emplace(digest, kept);
  return {kept, true};
}

void PiecePool::add(const Digest& digest, Slice bytes) {
  pieces_.emplace(digest, std::move(bytes));
}

const Slice* PiecePool::find(const Digest& digest) const {
  const auto found = pieces_.find(digest);
  return found == pieces_.end() ? nullptr : &found->second;
}

}  // namespace p2p::sim
