// Bytes over a Unix socket with a descriptor beside them (unix(7), SCM_RIGHTS).
#pragma once

#include <sys/types.h>

#include <span>
#include <string_view>

#include "io_linux/fd.h"

namespace p2p::io_linux {

// As send(2) with MSG_NOSIGNAL; `descriptor` goes with the first byte, unless it is -1.
ssize_t send_with_descriptor(int socket, std::string_view bytes, int descriptor);

// As recv(2) with MSG_DONTWAIT. The first descriptor that comes with the bytes is put into
// `descriptor`, if that has none; any others are closed.
ssize_t receive_with_descriptor(int socket, std::span<char> bytes, Fd& descriptor);

}  // namespace p2p::io_linux
