// p2pnode get: fetches a content into a file or a directory, or to standard output.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "apps/common/interruption.h"
#include "apps/common/output.h"
#include "apps/p2pnode/commands.h"
#include "apps/p2pnode/fetching.h"
#include "apps/p2pnode/get_record.h"
#include "apps/p2pnode/local_store.h"
#include "apps/p2pnode/node.h"
#include "apps/p2pnode/progress.h"
#include "apps/p2pnode/recording.h"
#include "apps/p2pnode/saving.h"
#include "apps/p2pnode/target_path.h"
#include "io_linux/store/export.h"
#include "io_linux/store/node_store.h"
#include "io_linux/store/target.h"
#include "io_linux/store/tree_export.h"

namespace p2p::app {
namespace {

using io_linux::Target;

// The file that is fetched into, with what an earlier run has left in it.
struct Opened {
  std::shared_ptr<Target> target;
  std::vector<Digest> pieces;
  std::optional<Failure> failure;
};

// Looks for what an earlier run has fetched. Of a file of some GiB that takes seconds.
Opened recover(Opened opened, const GetOptions& options, io_linux::Store& nodes, Talk& talk,
               Interruption& interruption) {
  std::atomic<bool> cancelled{false};
  uint64_t length = 0;
  const auto watch = [&](uint64_t checked, uint64_t total) {
    if (interruption.requested()) cancelled = true;
    length = total;
    talk.set_status("looking at " + opened.target->part_path() + ": " + part_of(checked, total));
  };
  const auto recovered = opened.target->recover(options.ticket.id, nodes, watch, &cancelled);
  talk.set_status("");
  if (recovered.cancelled) {
    opened.failure = Failure{ExitCode::interrupted, "interrupted; nothing was fetched yet"};
  } else if (recovered.status != StoreStatus::ok) {
    opened.failure = Failure{ExitCode::disk, opened.target->last_error().text};
  } else if (recovered.bytes > 0) {
    talk.say(Importance::info,
             part_of(recovered.bytes, length) + " already here, in " + opened.target->part_path());
  }
  opened.pieces = recovered.pieces;
  return opened;
}

Opened open_target(const std::string& path, const GetOptions& options, io_linux::Store& nodes,
                   Talk& talk, Interruption& interruption) {
  const auto result = Target::open(path, options.common.piece_size.value_or(PieceSize()));
  Opened opened{result.target, {}, std::nullopt};
  if (!result.target) {
    opened.failure = file_failure(result.error);
  } else if (result.existed) {
    opened = recover(std::move(opened), options, nodes, talk, interruption);
  }
  return opened;
}

// Fetches until the content is whole or will not be, and closes the node.
FetchResult fetch(const GetOptions& options, Talk& talk, Interruption& interruption,
                  const LocalStore& local, const Opened& opened) {
  io_linux::PieceStore& pieces = *local.pieces;
  io_linux::NodeStore store(pieces);
  if (opened.target) store.add_target(kGetFetch, opened.target);
  Node node(options.common, talk, interruption, store, &*local.book);
  Fetching fetching(options, talk, node, pieces, opened.target.get());
  node.on_notice([&](const Notice& notice) { fetching.take(notice); });
  node.let_look(data_dir_of(options.common));
  if (const auto failure = node.listen(false)) {
    FetchResult failed;
    failed.failure = failure;
    return failed;
  }
  talk.say(Importance::detail, "listening on " + node.listening().text());
  node.start(both(pieces.held(), opened.pieces));
  fetching.begin();
  node.run();
  return fetching.result();
}

ExitCode get_to_stdout(const GetOptions& options, Talk& talk, Interruption& interruption,
                       const LocalStore& local) {
  io_linux::PieceStore& pieces = *local.pieces;
  const auto result = fetch(options, talk, interruption, local, {});
  if (result.failure) return say_failure(talk, *result.failure);
  const auto sink = [](std::span<const std::byte> bytes) {
    return write_all(STDOUT_FILENO, bytes);
  };
  const auto exported =
      io_linux::export_content(pieces, options.ticket.id, pieces.piece_size(), sink);
  using Status = io_linux::Exported::Status;
  switch (exported.status) {
    case Status::ok:
      return ExitCode::done;
    case Status::sink_ended:
      return say_failure(talk, {errno == ENOSPC ? ExitCode::disk : ExitCode::failure,
                                "standard output takes no more of the content"});
    case Status::not_held:
    case Status::store_failed:
      return say_failure(talk, {ExitCode::disk, exported.error});
    case Status::invalid:
      return say_failure(talk, {ExitCode::corrupt, exported.error});
  }
  return ExitCode::failure;
}

// An empty PATH.part is of no use to a later run. Whether it was empty.
bool remove_if_empty(const Target& target) {
  io_linux::Opened part = io_linux::open_file(target.part_path(), O_RDONLY | O_NOFOLLOW);
  const bool empty = part.fd && lseek(part.fd.get(), 0, SEEK_END) == 0;
  if (empty) unlink(target.part_path().c_str());
  return empty;
}

// What a get has left of no use to a later run is removed. Whether it was.
bool remove_useless(const Target& target, const Failure& failure) {
  if (failure.code != ExitCode::corrupt) return remove_if_empty(target);
  // What is no content will never be one.
  unlink(target.part_path().c_str());
  return true;
}

// Lists what was saved. A signal ends the look at what was listed before.
std::optional<Failure> list_saved(GetRecord& record, const FetchResult& result, Talk& talk,
                                  Interruption& interruption) {
  SavedContent saved;
  saved.length = result.length;
  saved.kind = result.directory ? ContentKind::directory : ContentKind::file;
  saved.in_root = result.length == 0 || !result.inline_bytes.empty();
  std::atomic<bool> cancelled{false};
  const auto watch = [&](uint64_t, uint64_t) {
    if (interruption.requested()) cancelled = true;
  };
  if (talk.terminal()) talk.set_status("looking at what was listed before");
  auto failure = record.done(saved, watch, cancelled);
  talk.set_status("");
  return failure;
}

ExitCode say_existing(const std::string& path, uint64_t length, const GetOptions& options,
                      Talk& talk, const LocalStore& local) {
  talk.say(Importance::info, path + " holds this content already");
  const auto failure = remember_existing(*local.catalogue, *local.pieces, options.ticket.id, path);
  const ExitCode code = say_saved(path, length);
  return failure ? say_failure(talk, *failure) : code;
}

std::optional<Failure> refused_name(const std::string& path) {
  if (!io_linux::is_tree_part(path)) return std::nullopt;
  return Failure{ExitCode::usage,
                 path + " is a name under which a directory is built; name another with -o PATH"};
}

ExitCode get_to_file(const GetOptions& options, Talk& talk, Interruption& interruption,
                     const LocalStore& local) {
  const std::string path = target_path_of(options, *local.catalogue);
  if (const auto failure = refused_name(path)) return say_failure(talk, *failure);
  const Existing existing = look_at_target(path, options);
  if (existing.failure) return say_failure(talk, *existing.failure);
  if (existing.is_content) return say_existing(path, existing.length, options, talk, local);
  const Opened opened = open_target(path, options, *local.pieces, talk, interruption);
  if (opened.failure) return say_failure(talk, *opened.failure);
  GetRecord record(*local.catalogue, *local.pieces, options.ticket.id, path);
  if (const auto failure = record.begin()) return say_failure(talk, *failure);
  const auto result = fetch(options, talk, interruption, local, opened);
  if (result.failure) {
    if (remove_useless(*opened.target, *result.failure)) record.give_up();
    return say_failure(talk, *result.failure);
  }
  const Saved saved = save(options, talk, interruption, *opened.target, result);
  if (saved.failure) {
    if (saved.failure->code == ExitCode::corrupt) record.give_up();
    return say_failure(talk, *saved.failure);
  }
  // First the list: whoever reads "saved" may end this program.
  const auto failure = list_saved(record, result, talk, interruption);
  const ExitCode code = print_saved(path, saved.what);
  return failure ? say_failure(talk, *failure) : code;
}

}  // namespace

ExitCode get(const GetOptions& options, Talk& talk) {
  Interruption interruption;
  auto store = open_local_store(options.common, talk);
  if (store.failure) return say_failure(talk, *store.failure);
  if (options.output == "-") return get_to_stdout(options, talk, interruption, store);
  return get_to_file(options, talk, interruption, store);
}

}  // namespace p2p::app
