// SHA-256: the name of a piece. Computed by OpenSSL.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace p2p {

struct Digest {
  static constexpr size_t kSize = 32;
  std::array<std::byte, kSize> bytes{};

  // 64 lower-case hex digits.
  std::string hex() const;
  // Accepts 64 hex digits of either case, nothing else.
  static std::optional<Digest> from_hex(std::string_view text);

  friend auto operator<=>(const Digest&, const Digest&) = default;
};

// Hash for look-up tables. The bytes are uniform already; tables keyed so are never iterated over.
struct DigestHash {
  size_t operator()(const Digest& digest) const noexcept;
};

Digest sha256(std::span<const std::byte> bytes);
// The digest of `bytes` followed by `zeros` zero bytes, without making them.
Digest sha256_zero_filled(std::span<const std::byte> bytes, uint64_t zeros);

}  // namespace p2p
