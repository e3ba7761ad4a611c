// Making a content of a file or a directory: its pieces and its tree go into a store, and its id
// comes out.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/piece_size.h"
#include "engine/content/tree.h"
#include "engine/core/store_types.h"
#include "io_linux/store/content_pieces.h"
#include "io_linux/store/content_source.h"
#include "io_linux/store/file_io.h"
#include "io_linux/store/store.h"

namespace p2p::io_linux {

struct Imported {
  enum class Status { ok, cancelled, failed };
  Status status = Status::failed;
  Digest id;                             // when ok
  uint64_t length = 0;                   // when ok; bytes
  ContentKind kind = ContentKind::file;  // when ok
  FileError error;                       // when failed
  // With ImportOptions::in_place, when ok: where the data pieces stand.
  std::vector<ContentPieces::Data> in_place;
  std::shared_ptr<const ContentSource> source;
  // All that was read was settled: what is read as opened later has these digests.
  bool settled = false;
  // Not ok when it was the store that failed.
  StoreStatus store_status = StoreStatus::ok;
};

struct ImportOptions {
  // Called on the calling thread.
  std::function<void(uint64_t bytes_done, uint64_t bytes_total)> progress;
  const std::atomic<bool>* cancel = nullptr;
  // The data pieces stay where they stand; only the nodes go into the store.
  bool in_place = false;
  // What stands at the path, open for reading, from somebody who may open it where this process may
  // not; -1: the path is opened. Stays the caller's.
  int descriptor = -1;
};

// Reads what stands there once, hashes it on two threads, puts the data pieces and the nodes into
// the store and syncs it. With no store only the id is computed. Needs memory for two pieces, 64
// bytes for each piece of the content, and for a directory some 200 bytes and twice the path of
// each entry. Fails if a file changes meanwhile, or is none: a device.
Imported import_content(const std::string& path, PieceSize piece_size, Store* store,
                        const ImportOptions& options = {});

}  // namespace p2p::io_linux
