// What get does when a content is whole: the file or the directory gets its name.
#pragma once

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

// Prints "saved PATH (BYTES bytes)".
ExitCode say_saved(const std::string& path, uint64_t length);

// Requires a result without failure. Says and prints what came of it.
ExitCode save(const GetOptions& options, Talk& talk, Interruption& interruption,
              io_linux::Target& target, const FetchResult& result);

}  // namespace p2p::app
