#include "apps/p2pnode/local_store.h"

#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "apps/common/counts.h"

namespace p2p::app {
namespace {

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void say_report(const io_linux::OpenReport& report, Talk& talk) {
  if (report.recovered + report.removed > 0) {
    talk.say(Importance::info, "an earlier run was cut short: " +
                                   counted(report.recovered, "whole piece", "whole pieces") +
                                   " recovered, " +
                                   counted(report.removed, "torn file", "torn files") + " removed");
  }
  for (const auto& error : report.errors) talk.say(Importance::warning, error.text);
  talk.say(Importance::detail, "the store holds " + counted(report.pieces, "piece", "pieces"));
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

LocalStore open_local_store(const CommonOptions& options, Talk& talk) {
  LocalStore result;
  const std::string data_dir = data_dir_of(options);
  if (data_dir.empty()) {
    result.failure = no_data_dir();
    return result;
  }
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
  return result;
}

}  // namespace p2p::app
