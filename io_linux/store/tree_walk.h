// All that stands below a folder, in the order of a listing.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "engine/content/listing.h"
#include "io_linux/store/content_source.h"
#include "io_linux/store/file_io.h"

namespace p2p::io_linux {

struct WalkedEntry {
  std::string path;  // below the folder
  EntryKind kind = EntryKind::file;
  FileVersion version;      // of a file
  std::string link_target;  // of a link

  uint64_t length() const;
};

struct Walked {
  std::vector<WalkedEntry> entries;  // ascending by path
  std::optional<FileError> error;
  bool cancelled = false;
};
// Opens each folder through the one above it and follows no link. `name` is what sentences call the
// folder. Ends at the first thing that can't be shared.
Walked walk_tree(int folder, const std::string& name, const std::atomic<bool>* cancel);

FileVersion version_of(const struct stat& there);
// " is a device: only files, directories and links can be shared".
std::string why_no_content(mode_t mode);

}  // namespace p2p::io_linux
