#include "apps/p2pnode/target_path.h"

#include <sys/stat.h>

#include "apps/p2pnode/receiver_line.h"
#include "apps/p2pnode/recording.h"
#include "engine/base/piece_size.h"
#include "io_linux/store/content_source.h"
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

// Whether the ticket says a size that this directory, as a content, has not.
bool has_other_size(const std::string& path, const GetOptions& options) {
  if (!options.ticket.size) return false;
  const PieceSize piece_size = options.common.piece_size.value_or(PieceSize());
  const auto opened = io_linux::open_source(path, piece_size);
  return opened.source == nullptr || opened.source->length() != *options.ticket.size;
}

// Whether the output is the content's own folder, not one that it goes into.
bool is_its_own(const GetOptions& options, const std::string& name,
                const io_linux::Catalogue& catalogue) {
  if (options.output == name || options.output.ends_with("/" + name)) return true;
  const auto known = catalogue.find(options.ticket.id);
  return known && known->source == absolute_path(options.output);
}

}  // namespace

std::string target_path_of(const GetOptions& options, const io_linux::Catalogue& catalogue) {
  std::string name = default_file_name(options.ticket);
  if (options.output.empty()) return name;
  if (options.output.back() == '/') return options.output + name;
  if (!is_folder(options.output) || is_its_own(options, name, catalogue)) return options.output;
  return options.output + "/" + name;
}

Existing look_at_target(const std::string& path, const GetOptions& options) {
  Existing existing;
  struct stat there {};
  if (lstat(path.c_str(), &there) != 0) return existing;
  if (S_ISDIR(there.st_mode)) {
    if (!has_other_size(path, options)) existing = look_at_content(path, options);
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
