#include "engine/overlay/place.h"

#include <bit>
#include <cstdint>

#include "engine/wire/encoder.h"

namespace p2p {

Digest place_of(const Endpoint& endpoint) { return sha256(encode_record(endpoint)); }

Digest distance(const Digest& a, const Digest& b) {
  Digest result;
  for (size_t i = 0; i < Digest::kSize; ++i) result.bytes[i] = a.bytes[i] ^ b.bytes[i];
  return result;
}

size_t shared_prefix(const Digest& a, const Digest& b) {
  size_t bits = 0;
  for (size_t i = 0; i < Digest::kSize; ++i) {
    const auto differs = std::to_integer<uint8_t>(a.bytes[i] ^ b.bytes[i]);
    if (differs != 0) return bits + static_cast<size_t>(std::countl_zero(differs));
    bits += 8;
  }
  return bits;
}

}  // namespace p2p
