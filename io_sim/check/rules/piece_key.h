// Pieces as the rules remember them: the first 8 bytes of the digest, as there are many, and sets
// of them as sorted vectors.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/digest.h"
#include "engine/base/piece_size.h"
#include "engine/wire/frame.h"

namespace p2p::sim {

using PieceKey = uint64_t;

inline PieceKey piece_key(std::span<const std::byte> digest) {
  PieceKey key = 0;
  for (size_t i = 0; i < sizeof key; ++i) key = key << 8 | std::to_integer<uint64_t>(digest[i]);
  return key;
}
inline PieceKey piece_key(const Digest& digest) { return piece_key(std::span(digest.bytes)); }

// The first 16 hex digits of the digest.
inline std::string piece_text(PieceKey key) {
  std::string text(16, '0');
  for (size_t i = text.size(); i-- > 0; key >>= 4) text[i] = "0123456789abcdef"[key & 15];
  return text;
}

class PieceKeys {
 public:
  bool contains(PieceKey key) const { return std::binary_search(keys_.begin(), keys_.end(), key); }
  void insert(PieceKey key) {
    const auto at = std::lower_bound(keys_.begin(), keys_.end(), key);
    if (at == keys_.end() || *at != key) keys_.insert(at, key);
  }
  bool erase(PieceKey key) {
    const auto at = std::lower_bound(keys_.begin(), keys_.end(), key);
    if (at == keys_.end() || *at != key) return false;
    keys_.erase(at);
    return true;
  }
  void clear() { keys_.clear(); }
  size_t size() const { return keys_.size(); }
  auto begin() const { return keys_.begin(); }
  auto end() const { return keys_.end(); }

 private:
  std::vector<PieceKey> keys_;
};

// Of a whole control frame, header included.
inline uint8_t type_of(std::span<const std::byte> frame) {
  return std::to_integer<uint8_t>(frame[kFrameLengthSize]);
}
inline bool is_type(std::span<const std::byte> frame, FrameType type) {
  return type_of(frame) == static_cast<uint8_t>(type);
}

// Whether length and type say that it is what its type says. What is not is for the rules of frames
// to complain of; the others look only into what is.
inline bool is_well_formed(std::span<const std::byte> frame) {
  const uint32_t length = load_u32le(frame);
  return frame.size() == kFrameLengthSize + uint64_t{length} &&
         judge_frame(type_of(frame), length, PeerKind::extended, PieceSize()) ==
             FrameVerdict::known;
}

// Calls `use` with the key of each digest of an ask, want, have, lack or cancel.
template <class Use>
void for_each_piece(std::span<const std::byte> frame, const Use& use) {
  for (size_t at = kFrameHeaderSize; at + Digest::kSize <= frame.size(); at += Digest::kSize) {
    use(piece_key(frame.subspan(at)));
  }
}

}  // namespace p2p::sim
