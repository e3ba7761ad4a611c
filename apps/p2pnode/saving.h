// What get does when a content is whole: the file or the directory gets its name, and the catalogue
// lists it.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "apps/common/interruption.h"
#include "apps/common/talk.h"
#include "apps/p2pnode/failure.h"
#include "apps/p2pnode/fetching.h"
#include "apps/p2pnode/get_record.h"
#include "apps/p2pnode/get_report.h"
#include "apps/p2pnode/options.h"
#include "io_linux/store/target.h"

namespace p2p::app {

// What went wrong with a file that get wants to write: a name that can't be, or the disk.
Failure file_failure(const io_linux::FileError& error);

// Both are of the thread that saves.
struct SaveWatch {
  // What is done, such as "laying out PATH: 3 of 20 MiB", or "": the same as before. Called often.
  std::function<void(const std::string& doing)> progress;
  const std::atomic<bool>* cancel = nullptr;
};

// Says what is done, and ends it when a signal has come. `cancel` outlives it, and so do the
// others.
SaveWatch watch_for_signals(Interruption& interruption, Talk& talk, std::atomic<bool>& cancel);

struct Saved {
  std::optional<Failure> failure;  // it was not saved
  SavedWhat what;                  // it was
  // It was, but it is not listed.
  std::optional<Failure> not_listed;
};
// Requires a result without failure.
Saved save(const GetOptions& options, io_linux::Target& target, const FetchResult& result,
           GetRecord& record, const SaveWatch& watch);

// The same of a directory of this length, but for the catalogue: out of PATH.part, which goes.
Saved save_tree(const GetOptions& options, io_linux::Target& target, uint64_t length,
                const SaveWatch& watch);

// What a get that failed has left of no use to a later run is removed. Whether it was.
bool remove_useless(const std::string& part_path, const Failure& failure);

// Says "saved", or why not. The exit status.
ExitCode say_outcome(const std::string& path, const Saved& saved, GetReport& report);

}  // namespace p2p::app
