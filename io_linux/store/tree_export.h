// Laying a directory's content out as a directory.
//
// It is built under PATH.tree.part and gets its name when it is whole and durable. Nothing is
// written outside of it: every folder on the way is opened through the one above it, no link is
// followed, and links are made last.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/piece_size.h"
#include "io_linux/store/file_io.h"

namespace p2p::io_linux {

struct TreeExported {
  enum class Status {
    ok,
    cancelled,
    corrupt,  // the content is no directory's, or would lead out of the target
    beyond,   // more than this program can hold
    failed,   // the disk, or a name that it can't have: EEXIST when something stands at PATH
  };
  Status status = Status::ok;
  FileError error;     // for the last three
  uint64_t files = 0;  // when ok; links among them
  uint64_t bytes = 0;  // in the files
};

struct TreeExportOptions {
  std::function<void(uint64_t bytes_done, uint64_t bytes_total)> progress;
  const std::atomic<bool>* cancel = nullptr;
  // Only what these choose (engine/content/selection.h), at the paths that it has in the directory;
  // only the listing and that need be in `content`. Empty: everything.
  std::vector<std::string> chosen{};
};

// `content` is open on a file that begins with the content, whose pieces have been verified; only
// it is read. Needs memory for the listing (kListingBytesMax at most), 32 bytes for each entry, the
// targets of the links, and 1 MiB. Unless it is ok, nothing stands at PATH or PATH.tree.part that
// did not before.
TreeExported export_tree(int content, uint64_t length, PieceSize piece_size,
                         const std::string& path, const TreeExportOptions& options = {});

// Whether a path is one that a directory of another name is built under, and so is no path to save
// at: whatever stands there is removed when that directory comes.
bool is_tree_part(std::string_view path);

}  // namespace p2p::io_linux
