// Feeds a FrameDecoder as a connection does, and keeps the frames that come out. For tests of every
// kind; a broken promise of the decoder ends the program (P2P_CHECK).
//
// Each fragment lies in a heap buffer of exactly its size, and so does each payload: a sanitizer
// sees the first byte read or written beyond.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/wire/decoder.h"

namespace p2p {

struct ReceivedFrame {
  DecodedItem item;                // a Message, PayloadEnd, SkippedFrame or FrameFault
  std::vector<std::byte> payload;  // with PayloadEnd: what was stored, unless discarded
  friend bool operator==(const ReceivedFrame&, const ReceivedFrame&) = default;
};

class FrameStream {
 public:
  struct Options {
    PeerKind from = PeerKind::extended;
    bool extended_by_hello = false;  // as an engine does: a hello makes an extended peer
    bool discard_payloads = false;
  };

  explicit FrameStream(PieceSize piece_size) : FrameStream(piece_size, Options()) {}
  FrameStream(PieceSize piece_size, Options options);

  void through_next(std::span<const std::byte> fragment);
  // What fits goes into the payload's window, the rest through next(): what readv does.
  void through_window(std::span<const std::byte> fragment);

  const std::vector<ReceivedFrame>& frames() const { return frames_; }
  FrameDecoder& decoder() { return decoder_; }

 private:
  void drain(std::span<const std::byte> in);
  void add(DecodedItem item);
  void begin(const PayloadBegin& payload);
  void end(const PayloadEnd& payload);

  FrameDecoder decoder_;
  Options options_;
  std::vector<ReceivedFrame> frames_;
  std::optional<PayloadBegin> begun_;
  std::unique_ptr<std::byte[]> payload_;
};

// All frames of `bytes`, given at once.
std::vector<ReceivedFrame> frames_of(std::span<const std::byte> bytes, PieceSize piece_size,
                                     PeerKind from = PeerKind::extended);

// The bytes that a sender of this frame writes; nullopt where the decoder doesn't keep them.
std::optional<std::vector<std::byte>> bytes_of(const ReceivedFrame& frame, PieceSize piece_size);
std::vector<std::byte> bytes_of(const Message& message);

}  // namespace p2p
