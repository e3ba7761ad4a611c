// The piece size P: one number for a whole network (docs/protocol.md, Frames).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace p2p {

class PieceSize {
 public:
  static constexpr uint8_t kMinLog2 = 10;
  static constexpr uint8_t kMaxLog2 = 24;
  static constexpr uint8_t kDefaultLog2 = 20;

  constexpr PieceSize() = default;
  static constexpr std::optional<PieceSize> from_log2(unsigned log2) {
    if (log2 < kMinLog2 || log2 > kMaxLog2) return std::nullopt;
    return PieceSize(static_cast<uint8_t>(log2));
  }
  // A power of two from 1 KiB to 16 MiB; nullopt for any other number.
  static constexpr std::optional<PieceSize> from_bytes(uint64_t bytes) {
    for (uint8_t log2 = kMinLog2; log2 <= kMaxLog2; ++log2) {
      if (bytes == uint64_t{1} << log2) return PieceSize(log2);
    }
    return std::nullopt;
  }

  constexpr uint8_t log2() const { return log2_; }
  constexpr uint32_t bytes() const { return uint32_t{1} << log2_; }

  friend constexpr bool operator==(PieceSize, PieceSize) = default;

 private:
  explicit constexpr PieceSize(uint8_t log2) : log2_(log2) {}
  uint8_t log2_ = kDefaultLog2;
};

}  // namespace p2p
