// A node that lets everybody in, with the limits raised, in a process of its own: the engine and
// the Linux world that p2pnode has, without files.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace p2p::bench {

struct Host {
  pid_t pid = -1;
  uint16_t port = 0;  // on 127.0.0.1
};

// For so many connections. It ends with this process, or when it is killed. Throws
// std::runtime_error.
Host start_host(size_t connections_max);

}  // namespace p2p::bench
