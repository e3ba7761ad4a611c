#include "apps/p2pnode/saving.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <span>

#include "apps/common/counts.h"
#include "apps/common/output.h"
#include "apps/common/quoting.h"
#include "apps/p2pnode/progress.h"
#include "io_linux/store/tree_export.h"

namespace p2p::app {
namespace {

using io_linux::Target;
using io_linux::TreeExported;

std::string bytes_text(uint64_t bytes) {
  return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

// Lays the directory out while a signal can still end it.
TreeExported lay_out_tree(const GetOptions& options, Talk& talk, Interruption& interruption,
                          const Target& target, uint64_t length) {
  std::atomic<bool> cancelled{false};
  uint64_t files = 0;
  io_linux::TreeExportOptions watched;
  watched.cancel = &cancelled;
  watched.progress = [&](uint64_t done, uint64_t total) {
    if (interruption.requested()) cancelled = true;
    constexpr uint64_t kFilesBetween = 64;
    if (talk.terminal() && files++ % kFilesBetween == 0) {
      talk.set_status("laying out " + target.path() + ": " + part_of(done, total));
    }
  };
  auto exported = io_linux::export_tree(
      target.fd(), length, options.common.piece_size.value_or(PieceSize()), target.path(), watched);
  talk.set_status("");
  return exported;
}

Failure failure_of(const TreeExported& exported, const Target& target) {
  const std::string kept = "; what was fetched is in " + target.part_path() +
                           ", and the same command goes on from there";
  switch (exported.status) {
    case TreeExported::Status::corrupt:
      return {ExitCode::corrupt, "the id names no directory: " + exported.error.text};
    case TreeExported::Status::beyond:
      return {ExitCode::failure, exported.error.text + kept};
    case TreeExported::Status::cancelled:
      return {ExitCode::interrupted, "interrupted" + kept};
    case TreeExported::Status::failed:
    case TreeExported::Status::ok:
      break;
  }
  Failure failure = file_failure(exported.error);
  failure.sentence += kept;
  return failure;
}

Saved save_tree(const GetOptions& options, Talk& talk, Interruption& interruption, Target& target,
                uint64_t length) {
  if (const auto error = target.check_written()) return {file_failure(*error), {}};
  const auto exported = lay_out_tree(options, talk, interruption, target, length);
  const bool ok = exported.status == TreeExported::Status::ok;
  // What is no directory will never be one.
  if (ok || exported.status == TreeExported::Status::corrupt) unlink(target.part_path().c_str());
  if (!ok) return {failure_of(exported, target), {}};
  return {std::nullopt,
          counted(exported.files, "file", "files") + ", " + bytes_text(exported.bytes)};
}

}  // namespace

Failure file_failure(const io_linux::FileError& error) {
  switch (error.error_number) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG:
    case EEXIST:
    case ENOTEMPTY:
      return {ExitCode::usage, error.text};
    case 0:
    case EWOULDBLOCK:
      return {ExitCode::failure, error.text};
    default:
      return {ExitCode::disk, error.text};
  }
}

ExitCode print_saved(const std::string& path, const std::string& what) {
  const bool written = print_line("saved " + printable(path) + " (" + what + ")");
  return written ? ExitCode::done : ExitCode::failure;
}

ExitCode say_saved(const std::string& path, uint64_t length) {
  return print_saved(path, bytes_text(length));
}

Saved save(const GetOptions& options, Talk& talk, Interruption& interruption, Target& target,
           const FetchResult& result) {
  if (!result.inline_bytes.empty()) {
    const auto bytes = std::as_bytes(std::span(result.inline_bytes));
    if (target.write_inline(bytes) != StoreStatus::ok) {
      return {Failure{ExitCode::disk, target.last_error().text}, {}};
    }
  }
  if (result.directory) return save_tree(options, talk, interruption, target, result.length);
  if (const auto error = target.finish(result.length, options.force)) {
    return {file_failure(*error), {}};
  }
  return {std::nullopt, bytes_text(result.length)};
}

}  // namespace p2p::app
