#include "apps/p2pnode/saving.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <span>
#include <utility>

#include "apps/p2pnode/progress.h"
#include "io_linux/store/tree_export.h"

namespace p2p::app {
namespace {

using io_linux::Target;
using io_linux::TreeExported;

TreeExported lay_out_tree(const GetOptions& options, const Target& target, uint64_t length,
                          const SaveWatch& watch) {
  uint64_t files = 0;
  io_linux::TreeExportOptions watched;
  watched.cancel = watch.cancel;
  watched.chosen = options.paths;
  watched.progress = [&](uint64_t done, uint64_t total) {
    constexpr uint64_t kFilesBetween = 64;
    const bool news = files++ % kFilesBetween == 0;
    watch.progress(news ? "laying out " + target.path() + ": " + part_of(done, total) : "");
  };
  return io_linux::export_tree(target.fd(), length, options.common.piece_size.value_or(PieceSize()),
                               target.path(), watched);
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

Saved not_saved(Failure failure) { return {std::move(failure), {}, std::nullopt}; }

Saved give_name(const GetOptions& options, Target& target, const FetchResult& result,
                const SaveWatch& watch) {
  if (!result.inline_bytes.empty()) {
    const auto bytes = std::as_bytes(std::span(result.inline_bytes));
    if (target.write_inline(bytes) != StoreStatus::ok) {
      return not_saved({ExitCode::disk, target.last_error().text});
    }
  }
  if (result.directory) return save_tree(options, target, result.length, watch);
  if (const auto error = target.finish(result.length, options.force)) {
    return not_saved(file_failure(*error));
  }
  return {std::nullopt, {result.length, std::nullopt}, std::nullopt};
}

// A signal ends the look at what was listed before.
std::optional<Failure> list_saved(GetRecord& record, const FetchResult& result,
                                  const SaveWatch& watch) {
  SavedContent saved;
  saved.length = result.length;
  saved.kind = result.directory ? ContentKind::directory : ContentKind::file;
  saved.in_root = result.length == 0 || !result.inline_bytes.empty();
  const auto look = [&](uint64_t, uint64_t) {
    watch.progress("looking at what was listed before");
  };
  return record.done(saved, look, *watch.cancel);
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

SaveWatch watch_for_signals(Interruption& interruption, Talk& talk, std::atomic<bool>& cancel) {
  SaveWatch watch;
  watch.cancel = &cancel;
  watch.progress = [&](const std::string& doing) {
    if (interruption.requested()) cancel = true;
    if (!doing.empty()) talk.set_status(doing);
  };
  return watch;
}

Saved save_tree(const GetOptions& options, Target& target, uint64_t length,
                const SaveWatch& watch) {
  if (const auto error = target.check_written()) return not_saved(file_failure(*error));
  const auto exported = lay_out_tree(options, target, length, watch);
  const bool ok = exported.status == TreeExported::Status::ok;
  // What is no directory will never be one.
  if (ok || exported.status == TreeExported::Status::corrupt) unlink(target.part_path().c_str());
  if (!ok) return not_saved(failure_of(exported, target));
  return {std::nullopt, {exported.bytes, exported.files}, std::nullopt};
}

Saved save(const GetOptions& options, Target& target, const FetchResult& result, GetRecord& record,
           const SaveWatch& watch) {
  Saved saved = give_name(options, target, result, watch);
  if (saved.failure) {
    if (saved.failure->code == ExitCode::corrupt) record.give_up();
    return saved;
  }
  if (options.paths.empty()) {
    saved.not_listed = list_saved(record, result, watch);
  } else {
    record.give_up();  // a part is no content
  }
  return saved;
}

bool remove_useless(const std::string& part_path, const Failure& failure) {
  // What is no content will never be one.
  bool useless = failure.code == ExitCode::corrupt;
  if (!useless) {
    const io_linux::Opened part =
        io_linux::open_file(part_path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    useless = part.fd && lseek(part.fd.get(), 0, SEEK_END) == 0;
  }
  if (useless) unlink(part_path.c_str());
  return useless;
}

// First the list was written: whoever reads "saved" may end this program.
ExitCode say_outcome(const std::string& path, const Saved& saved, GetReport& report) {
  if (saved.failure) return report.failed(*saved.failure);
  const ExitCode code = report.saved(path, saved.what);
  return saved.not_listed ? say_failure(report.talk(), *saved.not_listed) : code;
}

}  // namespace p2p::app
