// DATA_DIR/lock: who may change a store. Those who add pieces and serve them share it; whoever
// takes pieces away, or looks at every one, has it alone.
//
// The lock is a flock: it ends with its process, however that ends.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "io_linux/fd.h"
#include "io_linux/store/file_io.h"

namespace p2p::io_linux {

enum class StoreUse { shared, alone };

class StoreLock {
 public:
  struct Result;
  // Makes the folder if it is missing. Never waits: held by others is EWOULDBLOCK.
  static Result take(const std::string& data_dir, StoreUse use);
  // Changes the use. nullopt: done. To be alone never waits: EWOULDBLOCK, and shared as before,
  // when somebody else has it. To share may wait for one who was alone for a moment in between.
  std::optional<FileError> become(StoreUse use);

 private:
  explicit StoreLock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

struct StoreLock::Result {
  StoreLock lock;
  FileError error;  // its number is 0 when the lock is taken
};

}  // namespace p2p::io_linux
