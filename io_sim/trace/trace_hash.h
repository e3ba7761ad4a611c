// The rolling hash of a run: every event that is delivered, every action that an engine emits,
// every byte that a node sends. Equal between two runs of one scenario, seed and version, whatever
// the compiler, its options and the machine. Not for secrets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace p2p::sim {

class TraceHash {
 public:
  void add(uint64_t word);
  // With their number. Reads little-endian words, whatever the host's order. Must do 3 GB/s and
  // more.
  void add_bytes(std::span<const std::byte> bytes);
  void add_text(std::string_view text);

  // 16 lower-case hex digits. Looking changes nothing.
  std::string hex() const;

 private:
  uint64_t state_ = 0x9ae16a3b2f90404f;
  uint64_t count_ = 0;
};

}  // namespace p2p::sim
