// The incremental frame decoder: bytes in, cut anywhere; items out. A payload's bytes land where
// the caller says, so that a piece is never copied.
//
// How to drive it:
//   1. While payload_window() is not empty, bytes may be read straight into it; say how many with
//      payload_landed(n).
//   2. All other bytes go through next(in) until it returns nullopt: it takes from the front of
//   `in`.
//   3. After an item PayloadBegin the caller must call take_payload or discard_payload before
//      anything else.
// After a Fault the decoder is dead: it returns nothing more.
//
// Memory: between frames a decoder holds no heap memory. A control frame in progress holds the
// bytes received so far, never what its length promises; frames of wrong length are refused before
// a byte of body is kept.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "engine/wire/frame.h"

namespace p2p {

// A give or trim starts: `length` bytes of payload follow (P for a give, less for a trim).
struct PayloadBegin {
  FrameType type = FrameType::give;
  Digest digest;
  uint32_t length = 0;
  friend bool operator==(const PayloadBegin&, const PayloadBegin&) = default;
};
// The last byte of the payload has come. Also follows a PayloadBegin of length 0.
struct PayloadEnd {
  FrameType type = FrameType::give;
  Digest digest;
  uint32_t length = 0;
  bool discarded = false;
  friend bool operator==(const PayloadEnd&, const PayloadEnd&) = default;
};
// A frame of a type that a later version may define has passed.
struct SkippedFrame {
  uint8_t type = 0;
  uint32_t length = 0;
  friend bool operator==(const SkippedFrame&, const SkippedFrame&) = default;
};

using DecodedItem = std::variant<Message, PayloadBegin, PayloadEnd, SkippedFrame, FrameFault>;

class FrameDecoder {
 public:
  explicit FrameDecoder(PieceSize piece_size);

  // Takes effect with the next frame header that is judged. Starts as unidentified.
  void set_peer_kind(PeerKind kind);

  std::optional<DecodedItem> next(std::span<const std::byte>& in);

  // Requires where.size() == length of the PayloadBegin; the memory must live until PayloadEnd or
  // until abandon_payload.
  void take_payload(std::span<std::byte> where);
  void discard_payload();
  // The rest of the payload in progress is dropped, not stored; PayloadEnd says discarded.
  void abandon_payload();

  // What is left of the taken payload in progress; empty otherwise.
  std::span<std::byte> payload_window() const;
  // n bytes have been written to the front of payload_window(). Requires 0 < n <= its size. Returns
  // PayloadEnd when that was the last.
  std::optional<PayloadEnd> payload_landed(size_t n);

  // Whether a frame has begun and not ended.
  bool mid_frame() const;
  // Whether that frame is a give or trim whose payload has begun.
  bool in_payload() const;

 private:
  // The implementer's.
};

}  // namespace p2p
