#include "apps/p2pnode/local_store.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "apps/common/counts.h"

namespace p2p::app {
namespace {

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Failure lock_failure(const io_linux::FileError& error, const std::string& data_dir,
                     io_linux::StoreUse use) {
  if (error.error_number != EWOULDBLOCK) {
    return {ExitCode::disk, "the store in " + data_dir + " can't be opened: " + error.text +
                                "; name another folder with --data-dir DIR"};
  }
  if (use == io_linux::StoreUse::shared) {
    return {ExitCode::failure, "the store in " + data_dir +
                                   " is being cleaned up or verified (p2pnode gc, rm, verify); try "
                                   "again when that has ended"};
  }
  return {ExitCode::failure,
          "a node runs on " + data_dir + ", or something is being added there; end it first"};
}

}  // namespace

std::string data_dir_of(const CommonOptions& options) {
  if (!options.data_dir.empty()) return options.data_dir;
  return default_data_dir(geteuid() == 0, from_environment("XDG_DATA_HOME"),
                          from_environment("HOME"));
}

Failure no_data_dir() {
  return {ExitCode::usage,
          "there is no folder to keep pieces in: HOME is not set; name one with --data-dir DIR"};
}

namespace {

template <class Hearer>
void tell_report(const io_linux::OpenReport& report, Hearer& hearer) {
  if (report.recovered + report.removed > 0) {
    hearer.say(Importance::info,
               "an earlier run was cut short: " +
                   counted(report.recovered, "whole piece", "whole pieces") + " recovered, " +
                   counted(report.removed, "torn file", "torn files") + " removed");
  }
  for (const auto& error : report.errors) hearer.say(Importance::warning, error.text);
  hearer.say(Importance::detail, "the store holds " + counted(report.pieces, "piece", "pieces"));
}

}  // namespace

void say_report(const io_linux::OpenReport& report, Talk& talk) { tell_report(report, talk); }
void say_report(const io_linux::OpenReport& report, Reporter& reporter) {
  tell_report(report, reporter);
}

LockedStore lock_store(const CommonOptions& options, io_linux::StoreUse use) {
  LockedStore result;
  result.data_dir = data_dir_of(options);
  if (result.data_dir.empty()) {
    result.failure = no_data_dir();
    return result;
  }
  auto taken = io_linux::StoreLock::take(result.data_dir, use);
  if (taken.error.error_number != 0) {
    result.failure = lock_failure(taken.error, result.data_dir, use);
  } else {
    result.lock = std::move(taken.lock);
  }
  return result;
}

LocalStore open_local_store(const CommonOptions& options, Talk& talk) {
  LocalStore result;
  auto locked = lock_store(options, io_linux::StoreUse::shared);
  result.failure = std::move(locked.failure);
  if (result.failure) return result;
  result.lock = std::move(locked.lock);
  const std::string& data_dir = locked.data_dir;
  auto opened = io_linux::PieceStore::open(data_dir, options.piece_size.value_or(PieceSize()));
  if (!opened.store) {
    result.failure = Failure{ExitCode::disk, "the store in " + data_dir +
                                                 " can't be opened: " + opened.error.text +
                                                 "; name another folder with --data-dir DIR"};
    return result;
  }
  say_report(opened.report, talk);
  result.pieces = std::move(opened.store);
  result.book.emplace(data_dir);
  result.catalogue.emplace(data_dir);
  return result;
}

}  // namespace p2p::app
