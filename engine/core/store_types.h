// What the engine and a piece store say to each other.
#pragma once

#include <cstdint>
#include <memory>
#include <variant>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"

namespace p2p {

enum class StoreStatus {
  ok,
  not_held,  // no such piece
  no_space,  // ENOSPC, EDQUOT
  io_error,  // anything else that the disk said
};

// An open file that a world keeps its pieces in. The engine only passes it on: the world that made
// it knows what it is, and closes it when the last owner lets go.
class StoredFile {
 public:
  virtual ~StoredFile() = default;

 protected:
  StoredFile() = default;
  StoredFile(const StoredFile&) = delete;
  StoredFile& operator=(const StoredFile&) = delete;
};

// Bytes that the store vouches for, in a file: sent with sendfile where there is one.
struct FileSlice {
  std::shared_ptr<const StoredFile> file;
  uint64_t offset = 0;
  uint32_t length = 0;
};

// A piece as the store has it: its first bytes, the rest of the piece being zeros.
using StoredBytes = std::variant<Slice, FileSlice>;

// Where a data piece belongs in a content that is being fetched into a file.
struct Extent {
  FetchId fetch;
  uint64_t offset = 0;  // in the content
  uint32_t length = 0;  // <= P; what is behind it in the piece is zeros
};

}  // namespace p2p
