#include "apps/p2pnode/target_path.h"

#include <sys/stat.h>

#include "apps/p2pnode/receiver_line.h"
#include "engine/base/piece_size.h"
#include "io_linux/store/import.h"

namespace p2p::app {
namespace {

bool is_folder(const std::string& path) {
  struct stat there {};
  return stat(path.c_str(), &there) == 0 && S_ISDIR(there.st_mode);
}

Failure may_not(const std::string& path, const std::string& why) {
  return {ExitCode::usage, path + " " + why};
}

// A directory is read as whoever shares it would: what is in it must be the content, no more.
Existing look_at_content(const std::string& path, const GetOptions& options) {
  Existing existing;
  const PieceSize piece_size = options.common.piece_size.value_or(PieceSize());
  const auto imported = io_linux::import_content(path, piece_size, nullptr);
  existing.is_content =
      imported.status == io_linux::Imported::Status::ok && imported.id == options.ticket.id;
  existing.length = imported.length;
  return existing;
}

}  // namespace

std::string target_path_of(const GetOptions& options) {
  std::string name = default_file_name(options.ticket);
  if (options.output.empty()) return name;
  if (options.output.back() == '/') return options.output + name;
  return is_folder(options.output) ? options.output + "/" + name : options.output;
}

Existing look_at_target(const std::string& path, const GetOptions& options) {
  Existing existing;
  struct stat there {};
  if (lstat(path.c_str(), &there) != 0) return existing;
  if (S_ISDIR(there.st_mode)) {
    existing = look_at_content(path, options);
    if (!existing.is_content) {
      existing.failure = may_not(path,
                                 "is a directory, with other things in it; name another "
                                 "target with -o PATH");
    }
    return existing;
  }
  if (!S_ISREG(there.st_mode) && !S_ISLNK(there.st_mode)) {
    existing.failure = may_not(path, "is no regular file; name another with -o PATH");
    return existing;
  }
  const auto size = options.ticket.size;
  if (S_ISREG(there.st_mode) && (!size || *size == static_cast<uint64_t>(there.st_size))) {
    existing = look_at_content(path, options);
  }
  if (!existing.is_content && !options.force) {
    existing.failure = may_not(
        path,
        "exists, with other bytes; name another file with -o PATH, or replace it with --force");
  }
  return existing;
}

}  // namespace p2p::app
