// Asks the node that runs on a data directory (control_server.h). Blocks; for commands, not for a
// loop.
#pragma once

#include <sys/types.h>

#include <functional>
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

// A question that is answered by several lines over a while.
struct ControlErrand {
  std::string line;     // without a newline
  int descriptor = -1;  // goes with it; stays the caller's
  Duration timeout;     // until the node has taken the line
  // Each line of the answer, without its newline, as it comes. False: enough was heard.
  std::function<bool(std::string_view line)> on_line;
  // Hangs up as soon as this descriptor is readable; -1: never.
  int stop = -1;
};
// answered: the node has closed the connection after at least one line, or enough was heard, or
// `stopped`. `line` is empty.
struct ControlErrandReply : ControlReply {
  bool stopped = false;  // by ControlErrand::stop
};
ControlErrandReply send_errand(const std::string& data_dir, const ControlErrand& errand);

}  // namespace p2p::io_linux
