// The bytes of a content as they stand in somebody's file or directory.
//
// Thread rule: any thread may call any method. Blocks on the disk.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "engine/base/piece_size.h"
#include "engine/content/tree.h"
#include "io_linux/store/file_io.h"

namespace p2p::io_linux {

// What came of a read, and what is known of the bytes.
struct SourceRead {
  // nullopt: all is there. An error number of 0: the files are others than when the source was
  // opened, and have no such bytes any more.
  std::optional<FileError> error;
  // By its times, what was read is of the files as they were when the source was opened.
  bool as_opened = false;
  // As opened, and whoever writes there later changes these times: a later read of the same bytes
  // that is as opened too gives the same. See is_settled().
  bool settled = false;
};

class ContentSource {
 public:
  virtual ~ContentSource() = default;

  virtual ContentKind kind() const = 0;
  // Of the content, bytes; at most kContentMax.
  virtual uint64_t length() const = 0;
  // Fills `out` from this offset on with what stands there now. Requires offset + out.size() <=
  // length().
  virtual SourceRead read(std::span<std::byte> out, uint64_t offset) const = 0;
  // Whether all that was read until now was read from the files as they were when the source was
  // opened, as far as that can be told by their times.
  virtual std::optional<FileError> check_unchanged() const = 0;
};

struct OpenedSource {
  std::unique_ptr<ContentSource> source;
  FileError error;         // when there is none
  bool cancelled = false;  // then there is no source, and no error
};
// Opens a file, or lists a directory with all that is below it. A symbolic link is followed in
// `path` only. Fails, naming what it is, for devices, sockets, pipes and links that lead out of the
// directory, wherever they stand.
// `descriptor`, unless -1, is open there and stays the caller's: a file that this process may not
// open by its path is read by a duplicate of it.
OpenedSource open_source(const std::string& path, PieceSize piece_size,
                         const std::atomic<bool>* cancel = nullptr, int descriptor = -1);

// What tells one version of a file from another without reading it, if it is settled.
struct FileVersion {
  uint64_t device = 0;
  uint64_t number = 0;
  uint64_t length = 0;
  int64_t modified_ns = 0;  // mtime
  int64_t changed_ns = 0;   // ctime

  friend bool operator==(const FileVersion&, const FileVersion&) = default;
};
// Of an open file; nullopt: errno says why not.
std::optional<FileVersion> version_of(int fd);

}  // namespace p2p::io_linux
