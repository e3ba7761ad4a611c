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
#include "apps/p2pnode/cache_work.h"
#include "apps/p2pnode/commands.h"
#include "apps/p2pnode/fetching.h"
#include "apps/p2pnode/get_errand.h"
#include "apps/p2pnode/get_record.h"
#include "apps/p2pnode/get_report.h"
#include "apps/p2pnode/local_store.h"
#include "apps/p2pnode/node.h"
#include "apps/p2pnode/progress.h"
#include "apps/p2pnode/recording.h"
#include "apps/p2pnode/saving.h"
#include "apps/p2pnode/serving.h"
#include "apps/p2pnode/streaming.h"
#include "apps/p2pnode/target_path.h"
#include "io_linux/store/content_pieces.h"
#include "io_linux/store/content_source.h"
#include "io_linux/store/node_store.h"
#include "io_linux/store/source_pieces.h"
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
Opened recover(Opened opened, const GetOptions& options, io_linux::Store& nodes, GetReport& report,
               Interruption& interruption) {
  Talk& talk = report.talk();
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
    report.resumed(recovered.bytes, length, opened.target->part_path());
  }
  opened.pieces = recovered.pieces;
  return opened;
}

Opened open_target(const std::string& path, const GetOptions& options, io_linux::Store& nodes,
                   GetReport& report, Interruption& interruption) {
  const auto result = Target::open(path, options.common.piece_size.value_or(PieceSize()));
  Opened opened{result.target, {}, std::nullopt};
  if (result.target && !options.paths.empty()) result.target->keep_sparse();
  if (!result.target) {
    opened.failure = file_failure(result.error);
  } else if (result.existed) {
    opened = recover(std::move(opened), options, nodes, report, interruption);
  }
  return opened;
}

// What is to be done with a content that is whole while the node goes on.
struct AfterWhole {
  std::string path;
  GetRecord& record;
};

struct Fetched {
  FetchResult result;
  std::optional<ExitCode> saved;  // it was saved, or could not be, and that was said
};

// Where the content is served from once it has its name. What was laid out as a directory has been
// copied there: PATH.part goes. Of a part of one there is no more than what was fetched, in
// PATH.part without its name.
void serve_from_place(const GetOptions& options, const std::string& path, const FetchResult& result,
                      io_linux::PieceStore& pieces, io_linux::SourcePieces& sources,
                      io_linux::NodeStore& store) {
  if (!result.directory || !options.paths.empty()) return;
  auto opened = open_unchanged(path, pieces.piece_size(), ContentKind::directory, result.length);
  if (opened.source == nullptr) return;  // it is gone again already
  sources.add(options.ticket.id, path, std::move(opened.source),
              io_linux::content_pieces(pieces, options.ticket.id, pieces.piece_size()).data, false);
  store.remove_target(kGetFetch);
}

// Fetches until the content is whole or will not be, or was served for long enough, and closes the
// node.
Fetched fetch(const GetOptions& options, GetReport& report, Interruption& interruption,
              const LocalStore& local, const Opened& opened, const AfterWhole& after) {
  Talk& talk = report.talk();
  io_linux::PieceStore& pieces = *local.pieces;
  io_linux::SourcePieces sources(pieces.piece_size());
  io_linux::NodeStore store(pieces, &sources);
  store.add_target(kGetFetch, opened.target);
  Node node(options.common, talk, interruption, store, &*local.book);
  Fetching fetching(options, report, node, pieces, opened.target.get());
  Serving serving(options, report, node, after.path);
  node.on_notice([&](const Notice& notice) { fetching.take(notice); });
  if (options.serves()) {
    fetching.on_whole([&](const FetchResult& result) {
      opened.target->check_what_is_sent();
      serving.begin(result.length, [&, result](const SaveWatch& watch) {
        Saved saved = save(options, *opened.target, result, after.record, watch);
        if (!saved.failure) serve_from_place(options, after.path, result, pieces, sources, store);
        return saved;
      });
    });
  }
  node.let_look(data_dir_of(options.common));
  if (const auto failure = node.listen(false)) {
    Fetched failed;
    failed.result.failure = failure;
    return failed;
  }
  talk.say(Importance::detail, "listening on " + node.listening().text());
  watch_sources(node, sources, talk);
  node.start(both(pieces.held(), opened.pieces));
  fetching.begin();
  node.run();
  const auto saved = serving.end();
  return {fetching.result(), saved};
}

struct Streamed {
  std::optional<Failure> failure;
  FetchResult fetched;
  bool begun = false;
};

// Until all is written or will not be, and closes the node.
Streamed stream(const GetOptions& options, GetReport& report, Interruption& interruption,
                LocalStore& local) {
  io_linux::SourcePieces sources(local.pieces->piece_size());
  // What stands in a file of this machine is read there.
  if (const auto record = local.catalogue->find(options.ticket.id)) {
    open_source_of(*record, *local.pieces, sources, report.talk());
  }
  io_linux::NodeStore store(*local.pieces, &sources);
  Node node(options.common, report.talk(), interruption, store, &*local.book);
  Fetching fetching(options, report, node, *local.pieces, nullptr);
  Streaming streaming(options, report, node, fetching, local, store);
  node.on_notice([&](const Notice& notice) { fetching.take(notice); });
  node.let_look(data_dir_of(options.common));
  if (auto failure = node.listen(false)) return {std::move(failure), {}, false};
  report.talk().say(Importance::detail, "listening on " + node.listening().text());
  watch_sources(node, sources, report.talk());
  node.start(both(local.pieces->held(), sources.held()));
  fetching.begin();
  node.run();
  auto failure = streaming.end();
  return {std::move(failure), fetching.result(), streaming.has_begun()};
}

// After these the same command can go on.
bool is_for_now(ExitCode code) {
  return code == ExitCode::interrupted || code == ExitCode::no_peer ||
         code == ExitCode::not_found || code == ExitCode::disk;
}

ExitCode get_to_stdout(const GetOptions& options, GetReport& report, Interruption& interruption,
                       LocalStore& local) {
  const auto [failure, fetched, begun] = stream(options, report, interruption, local);
  report.talk().set_status("");
  if (begun) settle_cache(options.common, local, report.talk(), interruption);
  if (!failure) return ExitCode::done;
  std::string sentence = failure->sentence;
  if (is_for_now(failure->code) && fetched.held > 0) {
    const auto record = local.catalogue->find(options.ticket.id);
    const bool kept = record && record->cached;
    if (kept) sentence += kept_text(fetched.held, fetched.length, "the cache");
  }
  return report.failed({failure->code, std::move(sentence)});
}

// Saves while a signal can still end it.
Saved save_here(const GetOptions& options, GetReport& report, Interruption& interruption,
                Target& target, const FetchResult& result, GetRecord& record) {
  std::atomic<bool> cancelled{false};
  Saved saved = save(options, target, result, record,
                     watch_for_signals(interruption, report.talk(), cancelled));
  report.talk().set_status("");
  return saved;
}

ExitCode say_existing(const std::string& path, uint64_t length, const GetOptions& options,
                      GetReport& report, const LocalStore& local) {
  report.talk().say(Importance::info, path + " holds this content already");
  const auto failure = remember_existing(*local.catalogue, *local.pieces, options.ticket.id, path);
  const ExitCode code = report.saved(path, {length, std::nullopt});
  return failure ? say_failure(report.talk(), *failure) : code;
}

std::optional<Failure> refused_name(const std::string& path) {
  if (!io_linux::is_tree_part(path)) return std::nullopt;
  return Failure{ExitCode::usage,
                 path + " is a name under which a directory is built; name another with -o PATH"};
}

ExitCode get_to_file(const GetOptions& options, GetReport& report, Interruption& interruption,
                     const LocalStore& local) {
  const std::string path = target_path_of(options, *local.catalogue);
  if (const auto failure = refused_name(path)) return report.failed(*failure);
  const Existing existing = look_at_target(path, options);
  if (existing.failure) return report.failed(*existing.failure);
  if (existing.is_content) return say_existing(path, existing.length, options, report, local);
  if (const auto code = get_through_node(path, options, report, interruption)) return *code;
  const Opened opened = open_target(path, options, *local.pieces, report, interruption);
  if (opened.failure) return report.failed(*opened.failure);
  GetRecord record(*local.catalogue, *local.pieces, options.ticket.id, path);
  if (const auto failure = record.begin()) return report.failed(*failure);
  const auto [result, saved] =
      fetch(options, report, interruption, local, opened, AfterWhole{path, record});
  if (saved) return *saved;
  if (result.failure) {
    if (remove_useless(opened.target->part_path(), *result.failure)) record.give_up();
    return report.failed(*result.failure);
  }
  return say_outcome(path, save_here(options, report, interruption, *opened.target, result, record),
                     report);
}

}  // namespace

ExitCode get(const GetOptions& options, Talk& talk) {
  Interruption interruption;
  GetReport report(options.json, options.ticket.id, talk);
  LocalStore store = open_local_store(options.common, talk);
  if (store.failure) return report.failed(*store.failure);
  if (options.output == "-") return get_to_stdout(options, report, interruption, store);
  return get_to_file(options, report, interruption, store);
}

}  // namespace p2p::app
