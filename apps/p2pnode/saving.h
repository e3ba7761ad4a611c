// What get does when a content is whole: the file or the directory gets its name.
#pragma once

#include <optional>
#include <string>

#include "apps/common/interruption.h"
#include "apps/common/talk.h"
#include "apps/p2pnode/failure.h"
#include "apps/p2pnode/fetching.h"
#include "apps/p2pnode/options.h"
#include "io_linux/store/target.h"

namespace p2p::app {

// What went wrong with a file that get wants to write: a name that can't be, or the disk.
Failure file_failure(const io_linux::FileError& error);

// Prints "saved PATH (WHAT)", or of a content of that length "saved PATH (BYTES bytes)".
ExitCode print_saved(const std::string& path, const std::string& what);
ExitCode say_saved(const std::string& path, uint64_t length);

struct Saved {
  std::optional<Failure> failure;
  std::string what;  // without a failure: "BYTES bytes", and of a directory how many files
};
// Requires a result without failure.
Saved save(const GetOptions& options, Talk& talk, Interruption& interruption,
           io_linux::Target& target, const FetchResult& result);

}  // namespace p2p::app
