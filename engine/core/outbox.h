// What a connection still has to send: control frames in order, and pieces in order. A control
// frame goes ahead of pieces that have not begun: what is said does not wait for them.
//
// Control frames are bytes that wait in one buffer; a piece is its 37-byte header and the store's
// own bytes, never copied. The owner bounds what it queues by looking at control_pending() and
// payload_pending().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <variant>
#include <vector>

#include "engine/base/digest.h"
#include "engine/core/store_types.h"
#include "engine/core/windows.h"
#include "engine/wire/frame.h"

namespace p2p {

class Outbox {
 public:
  void add(const Message& message);
  void add_digests(FrameType type, std::span<const Digest> digests);
  // Queues a give or trim: header, bytes, then `zeros` zero bytes.
  void add_piece(const Digest& digest, const std::array<std::byte, kGiveHeaderSize>& header,
                 StoredBytes bytes, uint64_t zeros);
  bool has_piece(const Digest& digest) const;
  // Takes a queued piece back if none of its bytes has been sent.
  bool withdraw(const Digest& digest);

  // Of pieces no more than their first `payload_max` bytes, and nothing behind those.
  GatherList window(size_t payload_max = std::numeric_limits<size_t>::max()) const;
  // The first n bytes of the window are gone. Returns the pieces that ended with them.
  // Requires n <= all that is pending.
  std::vector<Digest> sent(size_t n);

  bool empty() const { return pending() == 0; }
  // Whether the next byte is a piece's.
  bool piece_is_next() const;
  size_t pending() const { return control_pending_ + payload_pending_; }
  size_t control_pending() const { return control_pending_; }
  // Pieces with their headers.
  size_t payload_pending() const { return payload_pending_; }

 private:
  struct Control {
    std::vector<std::byte> bytes;
  };
  struct Piece {
    Digest digest;
    std::array<std::byte, kGiveHeaderSize> header;
    StoredBytes bytes;
    uint64_t body_length = 0;
    uint64_t zeros = 0;
  };
  struct Item {
    std::variant<Control, Piece> what;
    uint64_t sent = 0;
    uint64_t length() const;
  };

  std::vector<std::byte>& control_tail();
  void drop_gone();
  GatherList all_that_fits() const;

  std::vector<Item> items_;
  size_t first_ = 0;  // items before it are gone; they are dropped when all are
  size_t control_pending_ = 0;
  size_t payload_pending_ = 0;
};

}  // namespace p2p
