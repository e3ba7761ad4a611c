// The incremental frame decoder: bytes in, cut anywhere; items out. A payload's bytes land where
// the caller says, so that a piece is never copied.
//
// How to drive it:
//   1. While payload_window() is not empty, bytes may be read straight into it; say how many with
//      payload_landed(n).
//   2. All other bytes go through next(in) until it returns nullopt: it takes from the front of
//      `in`, and nullopt means that `in` is empty now and more is needed.
//   3. After an item PayloadBegin the caller must call take_payload or discard_payload before
//      anything else, and then go on with next(in), even if `in` is empty: a payload of length 0
//      ends there.
// After a FrameFault the decoder is dead: it takes what it is given and returns nothing more. It
// never judges a frame before the item in front of it has been returned, so that what a hello says
// holds for the frame right behind it.
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

  // Requires that a PayloadBegin has been answered.
  std::optional<DecodedItem> next(std::span<const std::byte>& in);

  // Requires where.size() == length of the PayloadBegin; the memory must live until PayloadEnd or
  // until abandon_payload.
  void take_payload(std::span<std::byte> where);
  void discard_payload();
  // Requires in_payload(). The rest of the payload is dropped, not stored; PayloadEnd says
  // discarded.
  void abandon_payload();

  // What is left of the taken payload in progress; empty otherwise.
  std::span<std::byte> payload_window() const;
  // n bytes have been written to the front of payload_window(). Requires 0 < n <= its size. Returns
  // PayloadEnd when that was the last.
  std::optional<PayloadEnd> payload_landed(size_t n);

  // Whether a frame has begun and not ended. False after a FrameFault.
  bool mid_frame() const;
  // Whether that frame is a give or trim whose payload has begun.
  bool in_payload() const;
  // The heap memory that a control frame in progress holds now.
  size_t heap_bytes() const { return body_.capacity(); }

 private:
  enum class State : uint8_t {
    head,       // the length, then the type
    digest,     // of a give or trim
    undecided,  // PayloadBegin was returned; take_payload or discard_payload is due
    storing,    // payload, to window_
    dropping,   // payload, to nowhere
    control,    // the body of a Message
    skipping,   // the body of an unknown type
    dead,
  };

  bool fill_head(std::span<const std::byte>& in, size_t wanted);
  uint32_t frame_length() const;
  uint8_t frame_type() const;
  uint32_t payload_length() const;
  Digest payload_digest() const;
  // The header is whole: what follows it, or why it is refused.
  std::optional<FrameFault> begin_body();
  FrameFault fail(FrameFaultKind kind);
  void end_frame();

  std::optional<DecodedItem> read_control(std::span<const std::byte>& in);
  std::optional<DecodedItem> store_payload(std::span<const std::byte>& in);
  bool drop(std::span<const std::byte>& in);
  DecodedItem end_control(std::span<const std::byte> body);
  PayloadEnd end_payload();

  std::vector<std::byte> body_;  // of a control frame that comes in parts
  std::span<std::byte> window_;  // storing: where the rest of the payload goes
  uint32_t remaining_ = 0;       // dropping, control, skipping: bytes yet to come
  std::array<std::byte, kGiveHeaderSize> head_{};
  uint8_t head_size_ = 0;  // how much of head_ has come
  State state_ = State::head;
  PeerKind peer_kind_ = PeerKind::unidentified;
  PieceSize piece_size_;
};
// One for each of 10,000 idle connections, in 2 KiB each for all that the engine keeps.
static_assert(sizeof(FrameDecoder) <= 128);

}  // namespace p2p
