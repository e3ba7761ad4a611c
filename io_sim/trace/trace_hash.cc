// TraceHash over spans: four lanes, so that one multiplication does not wait for the one before.
#include "io_sim/trace/trace_hash.h"

#include <array>

#include "engine/base/bytes.h"
#include "engine/base/hex.h"

namespace p2p::sim {

namespace {

constexpr size_t kWordSize = sizeof(uint64_t);
constexpr size_t kLanes = 4;
constexpr size_t kStripe = kLanes * kWordSize;

// Little-endian, whatever the host's order. Written so that compilers make one load of it.
inline uint64_t load(const std::byte* at) {
  const auto byte = [at](size_t i) { return std::to_integer<uint64_t>(at[i]) << (8 * i); };
  return byte(0) | byte(1) | byte(2) | byte(3) | byte(4) | byte(5) | byte(6) | byte(7);
}

// Fewer than eight bytes, as if zeros followed: the length tells the two apart.
uint64_t load_part(std::span<const std::byte> bytes) {
  uint64_t word = 0;
  for (size_t i = bytes.size(); i-- > 0;) word = word << 8 | std::to_integer<uint64_t>(bytes[i]);
  return word;
}

}  // namespace

void TraceHash::add_bytes(std::span<const std::byte> bytes) {
  add(bytes.size());
  const std::byte* at = bytes.data();
  size_t left = bytes.size();
  if (left >= kStripe) {
    uint64_t a = state_;
    uint64_t b = state_ + kWord;
    uint64_t c = state_ ^ kState;
    uint64_t d = state_ - kStep;
    for (; left >= kStripe; at += kStripe, left -= kStripe) {
      a = mixed(a, load(at));
      b = mixed(b, load(at + kWordSize));
      c = mixed(c, load(at + 2 * kWordSize));
      d = mixed(d, load(at + 3 * kWordSize));
    }
    for (const uint64_t lane : {a, b, c, d}) add(lane);
  }
  for (; left >= kWordSize; at += kWordSize, left -= kWordSize) add(load(at));
  if (left > 0) add(load_part({at, left}));
}

void TraceHash::add_text(std::string_view text) { add_bytes(std::as_bytes(std::span(text))); }

std::string TraceHash::hex() const {
  uint64_t word = state_ ^ count_ * kStep;
  word = (word ^ word >> 32) * kWord;
  word = (word ^ word >> 29) * kState;
  word ^= word >> 32;
  std::array<std::byte, kWordSize> big_endian{};
  for (size_t i = 0; i < kWordSize; ++i) {
    big_endian[i] = static_cast<std::byte>(word >> (8 * (kWordSize - 1 - i)) & 0xff);
  }
  return to_hex(big_endian);
}

}  // namespace p2p::sim
