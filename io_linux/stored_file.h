// The file behind a FileSlice in this world: a descriptor that sendfile reads from.
//
// Ownership: shared by the engine and the store; closed when the last of them lets go. Thread rule:
// any thread may read through fd() with explicit offsets (pread, sendfile); nobody moves its
// offset.
#pragma once

#include <utility>

#include "engine/core/store_types.h"
#include "io_linux/fd.h"

namespace p2p::io_linux {

class OpenFile final : public StoredFile {
 public:
  explicit OpenFile(Fd fd) : fd_(std::move(fd)) {}
  int fd() const { return fd_.get(); }

 private:
  Fd fd_;
};

}  // namespace p2p::io_linux
