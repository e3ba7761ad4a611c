// What the world asks of a store of pieces: the disk behind the actions StorePiece, PlacePiece,
// LoadPiece and SyncStore (engine/core/action.h), as blocking calls.
//
// Thread rule: every method may be called from several threads at once, never from the loop's. The
// FileSlices that load() returns hold an OpenFile (io_linux/stored_file.h), whose descriptor is
// closed by whoever lets go last, on any thread.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/base/digest.h"
#include "engine/core/store_types.h"

namespace p2p::io_linux {

struct Loaded {
  StoreStatus status = StoreStatus::not_held;
  StoredBytes bytes;  // when ok
};

class Store {
 public:
  virtual ~Store() = default;

  // Keeps a piece whose digest has been checked. `bytes` is the piece with its trailing zeros or
  // without some or all of them. Keeping a piece that is held already is ok.
  virtual StoreStatus put(const Digest& digest, std::span<const std::byte> bytes) = 0;
  // Writes the piece at these places in the targets of their fetches, and nowhere else. Bytes of an
  // extent beyond `bytes` are zeros. not_held when a fetch has no target (it was cancelled).
  virtual StoreStatus put_at(const Digest& digest, std::span<const std::byte> bytes,
                             const std::vector<Extent>& extents) = 0;
  // Copies a piece that is held to these places too, from wherever it is.
  virtual StoreStatus place(const Digest& digest, const std::vector<Extent>& extents) = 0;
  // The piece's first bytes, the rest being zeros. With `in_memory` always a Slice; else whatever
  // is best to send. What is not vouched for (a file of the user's) is checked here.
  virtual Loaded load(const Digest& digest, bool in_memory) = 0;
  // Returns when everything that was stored before the call is durable.
  virtual StoreStatus sync() = 0;
};

}  // namespace p2p::io_linux
