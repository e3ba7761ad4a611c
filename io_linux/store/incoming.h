// DATA_DIR/incoming/<log2 of P>-<pid>-<random>/: where a run keeps the pieces that are whole but
// not yet durable, until a sync moves them into pieces/ (piece_layout.h).
//
// Each run has a folder of its own and holds the flock of the file `lock` in it. A folder whose
// lock is free belongs to a run that has ended: whoever comes next checks what it finds there by
// its digest, keeps what is good and removes the rest.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/piece_size.h"
#include "io_linux/store/file_io.h"

namespace p2p::io_linux {

// The folder of this run. Thread rule: any thread may call any method; two writes of one digest at
// the same time are the caller's fault.
class IncomingFolder {
 public:
  struct Created {
    std::unique_ptr<IncomingFolder> folder;
    FileError error;  // when there is no folder
  };
  static Created create(const std::string& data_dir, PieceSize piece_size);
  // Removes the folder if nothing is left in it; otherwise a later run finds it.
  ~IncomingFolder();
  IncomingFolder(const IncomingFolder&) = delete;
  IncomingFolder& operator=(const IncomingFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string piece_path(const Digest& digest) const;
  // A descriptor on the filesystem of the folder, open from the start: a later syncfs on it reports
  // every write error since (syncfs(2), Linux 5.8).
  int fd() const { return lock_.get(); }

  // Writes the file under a temporary name, then gives it its own. 0 or an errno.
  int write(const Digest& digest, std::span<const std::byte> bytes) const;

 private:
  IncomingFolder(std::string path, Fd lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  Fd lock_;
};

struct IncomingRecovery {
  uint64_t kept = 0;              // pieces moved to pieces/
  uint64_t removed = 0;           // torn or bad files, and files that are no pieces
  std::vector<FileError> errors;  // what could not be looked at stays for the next time
};
// Recovers the folders of runs that have ended, whatever their piece size. Call it before
// PieceLayout::scan.
IncomingRecovery recover_incoming(const std::string& data_dir);

}  // namespace p2p::io_linux
