#include "io_sim/world/piece_pool.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "io_sim/world/made_bytes.h"

namespace p2p::sim {

namespace {

bool equal(std::span<const std::byte> a, std::span<const std::byte> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace

bool PiecePool::keep(const Digest& digest, const Slice& bytes, size_t piece_bytes) {
  const size_t length = length_without_trailing_zeros(bytes.bytes());
  const auto given = bytes.bytes().first(length);
  if (const auto known = find(digest)) return equal(known->bytes(), given);
  if (sha256_zero_filled(given, piece_bytes - length) != digest) return false;
  pieces_.emplace(digest, Slice::copy_of(given));
  return true;
}

void PiecePool::add(const Digest& digest, Slice bytes) {
  pieces_.emplace(digest, std::move(bytes));
}

void PiecePool::add(const Digest& digest, const Recipe& recipe) { pieces_.emplace(digest, recipe); }

std::optional<Slice> PiecePool::find(const Digest& digest) {
  const auto found = pieces_.find(digest);
  if (found == pieces_.end()) return std::nullopt;
  if (const auto* kept = std::get_if<Slice>(&found->second)) return *kept;
  return make(digest, std::get<Recipe>(found->second));
}

Slice PiecePool::make(const Digest& digest, const Recipe& recipe) {
  const auto there = std::find_if(made_.begin(), made_.end(), [&](const Made& made) {
    return made.block != nullptr && made.digest == digest;
  });
  if (there != made_.end()) return {there->block, 0, there->length};
  Made& made = made_[next_made_];
  next_made_ = (next_made_ + 1) % made_.size();
  const bool usable =
      made.block != nullptr && made.block.use_count() == 1 && made.block->size() >= recipe.length;
  if (!usable) made.block = std::make_shared<Block>(recipe.length);
  made.digest = digest;
  made.length = recipe.length;
  make_bytes(recipe.seed, made.block->writable().first(recipe.length));
  return {made.block, 0, made.length};
}

}  // namespace p2p::sim
