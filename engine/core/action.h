// What the engine asks of its world. Plain values; every OpId is answered by exactly one completion
// event, unless the world ends first.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/digest.h"
#include "engine/base/endpoint.h"
#include "engine/base/ids.h"
#include "engine/core/notice.h"
#include "engine/core/store_types.h"

namespace p2p {

// Dial. Answered by Connected or ConnectFailed, unless Close comes first.
struct Connect {
  ConnId conn;
  Endpoint to;
};
// Frees the connection, whatever its state. No event of it is handled after that: the world drops
// what it still has. Unsent bytes in the world's own buffers are still delivered if they can be.
struct Close {
  ConnId conn;
};
// No more bytes will be sent: the world says so to the peer (shutdown of the writing side) after
// all it has taken. Reading goes on.
struct ShutdownWrite {
  ConnId conn;
};
// Whether bytes are wanted from the connection, and whether there are bytes for it. A connection
// starts with neither. Read agrees with receive_window, write with send_window.
struct SetInterest {
  ConnId conn;
  bool read = false;
  bool write = false;
};
struct Resolve {
  OpId op;
  HostPort name;
};
// SHA-256 of `bytes` followed by `zeros` zero bytes.
struct HashPiece {
  OpId op;
  Slice bytes;
  uint64_t zeros = 0;
};
// Keep a piece whose digest has been checked. `bytes` with its trailing zeros or without. With
// extents: the bytes go to those places in the targets of their fetches, and nowhere else; without:
// into the piece store. Answered by PieceStored.
struct StorePiece {
  OpId op;
  Digest digest;
  Slice bytes;
  std::vector<Extent> extents;
};
// A piece that is held already belongs at these extents too: copy it there from wherever it is,
// unless it is there. Answered by PieceStored; not_held when it can't be read any more.
struct PlacePiece {
  OpId op;
  Digest digest;
  std::vector<Extent> extents;
};
// Give me a piece that is held. With `in_memory` the answer is a Slice, else whatever is best to
// send.
struct LoadPiece {
  OpId op;
  Digest digest;
  bool in_memory = false;
};
// Make durable what was stored. Answered when all that was stored before it is.
struct SyncStore {
  OpId op;
};
// Keep these bytes in place of those of the last SaveBook, for the Started of the next run: all of
// them or, if anything goes wrong, the old ones. Answered by BookSaved when they are durable.
struct SaveBook {
  OpId op;
  Slice bytes;
};
struct Notify {
  Notice notice;
};

using Action = std::variant<Connect, Close, ShutdownWrite, SetInterest, Resolve, HashPiece,
                            StorePiece, PlacePiece, LoadPiece, SyncStore, SaveBook, Notify>;

}  // namespace p2p
