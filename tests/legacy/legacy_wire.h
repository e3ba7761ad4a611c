// The frames of the original program, as bytes: docs/protocol.md, Frames, types 0 to 2. Written
// apart from the engine's codec on purpose, so that a mistake in one of them is seen by the other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace p2p::legacy {

using Bytes = std::vector<uint8_t>;
using Hash = std::array<uint8_t, 32>;

inline constexpr uint8_t kAsk = 0;
inline constexpr uint8_t kGive = 1;
inline constexpr uint8_t kPeerList = 2;
inline constexpr size_t kRecordBytes = 18;

// A record of a peer list. `address` is in network order, as it stands on the wire.
struct Record {
  std::array<uint8_t, 16> address{};
  uint16_t port = 0;

  bool is_loopback() const;  // ::1, or 127.0.0.0/8 as IPv4 in IPv6
  std::string text() const;
};

Hash sha256(std::span<const uint8_t> bytes);

// The demonstration's piece: zeros, the first four bytes the number in little-endian.
Bytes demo_piece(uint32_t number, size_t piece_size);

uint32_t load_u32(std::span<const uint8_t> bytes);  // the first 4 bytes, little-endian

Bytes ask_frame(const Hash& hash);
Bytes give_frame(const Hash& hash, std::span<const uint8_t> piece);
// Every port at [::1], which is all that the original says.
Bytes peer_list_frame(std::span<const uint16_t> ports);

// The whole records of a peer list's body; bytes that don't fill one are left out.
std::vector<Record> parse_records(std::span<const uint8_t> body);

}  // namespace p2p::legacy
