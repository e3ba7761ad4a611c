// A listening socket.
//
// When descriptors run out the waiting connection stays in the kernel's queue, where it would make
// the socket readable for ever: so the listener then takes itself out of the loop's sight until a
// descriptor is closed or a second has gone by.
#pragma once

#include <optional>
#include <string>

#include "engine/base/endpoint.h"
#include "engine/base/time.h"
#include "io_linux/fd.h"
#include "io_linux/socket_buffers.h"

namespace p2p::io_linux {

struct ListenResult {
  Fd fd;
  Endpoint local;        // with the port that the kernel chose, if it was 0
  int error_number = 0;  // not 0: there is no socket, and `error` is a sentence
  std::string error;
};
ListenResult listen_on(const Endpoint& endpoint, SocketBuffers& buffers);

// One accepted connection, or why there is none.
struct AcceptResult {
  enum class Status { accepted, none_waiting, starved };
  Status status = Status::none_waiting;
  Fd fd;
  Endpoint local;
  Endpoint remote;
  int error_number = 0;  // when starved: EMFILE, ENFILE, ENOBUFS, ENOMEM; trying at once is no use
};
// Connections that ended while they waited are passed over.
AcceptResult accept_from(int listening_fd);

// Which warning is due when descriptors run out: at most one a minute.
class StarvationNotice {
 public:
  std::optional<std::string> at(Time now, int error_number);

 private:
  std::optional<Time> last_;
};

}  // namespace p2p::io_linux
