// p2pnode add: files and directories into the catalogue, their ids to standard output.
#include <atomic>
#include <cerrno>
#include <string>

#include "apps/common/interruption.h"
#include "apps/common/output.h"
#include "apps/common/quoting.h"
#include "apps/p2pnode/commands.h"
#include "apps/p2pnode/importing.h"
#include "apps/p2pnode/local_store.h"
#include "apps/p2pnode/progress.h"
#include "apps/p2pnode/recording.h"
#include "io_linux/clock.h"
#include "io_linux/store/import.h"

namespace p2p::app {
namespace {

// Shows how far a file is, at most ten times a second, and ends the import when a signal comes.
class Watcher {
 public:
  Watcher(Talk& talk, Interruption& interruption, const std::string& name)
      : talk_(talk), interruption_(interruption), name_(printable(name)) {}

  io_linux::ImportOptions import_options(bool in_place) {
    io_linux::ImportOptions options;
    options.in_place = in_place;
    options.cancel = &cancelled_;
    options.progress = [this](uint64_t done, uint64_t total) { look(done, total); };
    return options;
  }

 private:
  void look(uint64_t done, uint64_t total) {
    if (interruption_.requested()) cancelled_ = true;
    const Time now = io_linux::clock_now();
    if (!talk_.terminal() || now < next_) return;
    next_ = now + Duration::milliseconds(100);
    talk_.set_status((name_ + ": " + part_of(done, total)).substr(0, talk_.columns() - 1));
  }

  Talk& talk_;
  Interruption& interruption_;
  std::string name_;
  std::atomic<bool> cancelled_{false};
  Time next_;
};

}  // namespace

ExitCode add(const AddOptions& options, Talk& talk) {
  Interruption interruption;
  LocalStore store;
  if (!options.dry_run) {
    store = open_local_store(options.common, talk);
    if (store.failure) return say_failure(talk, *store.failure);
  }
  const PieceSize piece_size = options.common.piece_size.value_or(PieceSize());
  ExitCode code = ExitCode::done;
  for (const std::string& file : options.files) {
    Watcher watcher(talk, interruption, file_name_of(file));
    const auto imported = io_linux::import_content(file, piece_size, store.pieces.get(),
                                                   watcher.import_options(!options.copy));
    talk.set_status("");
    auto failure = import_failure(imported);
    if (!failure && !options.dry_run) {
      failure =
          remember_added(*store.catalogue, *store.pieces, record_of(imported, file, piece_size));
    }
    if (failure) {
      const ExitCode worst = say_failure(talk, *failure);
      if (code == ExitCode::done || worst == ExitCode::disk) code = worst;
    } else {
      const std::string id = imported.id.hex();
      const bool quiet = options.common.verbosity < 0;
      if (!print_line(quiet ? id : added_line(imported.id, file))) {
        return say_failure(talk, {ExitCode::failure, "standard output can't be written"});
      }
    }
    if (interruption.requested()) return ExitCode::interrupted;
  }
  return code;
}

}  // namespace p2p::app
