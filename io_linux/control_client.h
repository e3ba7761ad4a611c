// Asks the node that runs on a data directory (control_server.h). Blocks; for commands, not for a
// loop.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.h"

namespace p2p::io_linux {

struct ControlReply {
  enum class Status {
    answered,
    no_node,    // none runs on this data directory, or there is no such directory
    denied,     // it is `owner`'s, where that can be seen
    timed_out,  // it runs, and has not answered in time
    failed,     // `error` says how: a sentence
  };
  Status status = Status::failed;
  std::string line;  // when answered, without the newline
  std::string error;
  std::optional<uid_t> owner;
};

// `line` without a newline. `timeout`: for everything together.
ControlReply ask_node(const std::string& data_dir, std::string_view line, Duration timeout);

}  // namespace p2p::io_linux
