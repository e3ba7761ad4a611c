// Frames of the wire protocol as values (docs/protocol.md, Frames).
//
// A frame is u32 length | u8 type | body, little-endian, where the length counts the type and the
// body. Control frames are decoded into Messages; give and trim carry a payload that never passes
// through a Message: see FrameDecoder and encode_give_header.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/endpoint.h"
#include "engine/base/piece_size.h"

namespace p2p {

enum class FrameType : uint8_t {
  ask = 0,
  give = 1,
  peer = 2,
  want = 16,
  have = 17,
  lack = 18,
  cancel = 19,
  seek = 20,
  found = 21,
  trim = 22,
};

// The largest type that a legacy peer may be sent: it reads every other as a peer list.
inline constexpr uint8_t kLegacyTypeMax = 2;

inline constexpr size_t kFrameLengthSize = 4;
inline constexpr size_t kFrameHeaderSize = 5;                                // length and type
inline constexpr size_t kGiveHeaderSize = kFrameHeaderSize + Digest::kSize;  // 37
inline constexpr size_t kRecordSize = 18;        // 16-byte address, u16 port
inline constexpr size_t kPeerRecordsMax = 1024;  // what a peer list may hold
inline constexpr size_t kPeerTrailingMax = 17;
inline constexpr size_t kDigestListMax = 1024;  // want, have, lack, cancel
inline constexpr size_t kFoundHoldersMax = 32;
inline constexpr size_t kFoundNearestMax = 8;
// An unknown type of at most this length is skipped when an extended peer sends it.
inline constexpr uint32_t kUnknownFrameLengthMax = 32'769;
// The longest control frame: 1 + 32 * 1024 for a list of hashes; the same number on purpose.
inline constexpr uint32_t kControlFrameLengthMax = 1 + 32 * 1024;
static_assert(kControlFrameLengthMax == kUnknownFrameLengthMax);
static_assert(1 + kRecordSize * kPeerRecordsMax + kPeerTrailingMax <= kControlFrameLengthMax);

// The 17 bytes that make a peer list a hello (docs/protocol.md, Hello).
struct HelloTrailer {
  static constexpr size_t kSize = 17;
  static constexpr uint8_t kVersion = 1;
  static constexpr uint16_t kExtension = 1;  // capability bits
  static constexpr uint16_t kListening = 2;

  uint8_t version = kVersion;
  uint16_t capabilities = kExtension;
  uint8_t piece_size_log2 = PieceSize::kDefaultLog2;  // as received: any byte
  uint64_t nonce = 0;

  std::array<std::byte, kSize> encode() const;
  // nullopt unless `bytes` are 17 with the magic and the right check byte.
  static std::optional<HelloTrailer> parse(std::span<const std::byte> bytes);

  friend bool operator==(const HelloTrailer&, const HelloTrailer&) = default;
};

struct AskMessage {
  Digest digest;
  friend bool operator==(const AskMessage&, const AskMessage&) = default;
};

// A peer list. `trailing` are the 0..17 bytes after the last record; a hello is in them.
struct PeerMessage {
  std::vector<Endpoint> records;
  std::vector<std::byte> trailing;
  std::optional<HelloTrailer> hello() const { return HelloTrailer::parse(trailing); }
  friend bool operator==(const PeerMessage&, const PeerMessage&) = default;
};

// want, have, lack or cancel: 1 to 1024 digests.
struct DigestListMessage {
  FrameType type = FrameType::want;
  std::vector<Digest> digests;
  friend bool operator==(const DigestListMessage&, const DigestListMessage&) = default;
};

struct SeekMessage {
  static constexpr uint8_t kListMe = 1;
  Digest id;
  uint8_t flags = 0;
  friend bool operator==(const SeekMessage&, const SeekMessage&) = default;
};

struct FoundMessage {
  Digest id;
  std::vector<Endpoint> holders;  // at most 32
  std::vector<Endpoint> nearest;  // at most 8
  friend bool operator==(const FoundMessage&, const FoundMessage&) = default;
};

using Message = std::variant<AskMessage, PeerMessage, DigestListMessage, SeekMessage, FoundMessage>;

// What a peer is known to be decides which types it may send.
enum class PeerKind : uint8_t { unidentified, legacy, extended };

// Why a frame can't be accepted.
enum class FrameFaultKind : uint8_t { unknown_type, bad_length, bad_body };
struct FrameFault {
  FrameFaultKind kind = FrameFaultKind::bad_length;
  uint8_t type = 0;
  uint32_t length = 0;
  friend bool operator==(const FrameFault&, const FrameFault&) = default;
};

enum class FrameVerdict : uint8_t { known, skip, unknown_type, bad_length };
// Whether a frame of this type and length may come from such a peer in a network of this piece
// size. The one place that knows the table of lengths. `unknown_type` is also said of an extension
// type from a peer that has not said it speaks the extension; a length of 0 is always bad.
FrameVerdict judge_frame(uint8_t type, uint32_t length, PeerKind from, PieceSize piece_size);

// "ask", "give" ...; "unknown" for a number that is no type.
std::string_view frame_type_name(uint8_t type);

}  // namespace p2p
