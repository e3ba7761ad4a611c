// Bytes between a socket and the engine's windows: one turn of one connection.
#pragma once

#include <cstddef>
#include <optional>

#include "engine/core/event.h"
#include "engine/core/windows.h"

namespace p2p::io_linux {

// What one turn did. `bytes` that moved count even when `error` is set: they came first.
struct Transfer {
  size_t bytes = 0;
  // The kernel has nothing more to give, or takes no more, until it says so: wait for its edge.
  bool blocked = false;
  std::optional<NetError> error;
};

// At most `limit` bytes into the front of the window. Requires a window that is not empty.
Transfer receive_some(int socket, const ReceiveWindow& window, size_t limit);

// At most `limit` bytes from the front of the list: memory with sendmsg, files with sendfile. A
// file that ends before its slice does, or can't be read, is NetError::other. Requires segments of
// at least one byte, whose files are OpenFiles, and that SIGPIPE is ignored.
Transfer send_some(int socket, const GatherList& list, size_t limit);

}  // namespace p2p::io_linux
