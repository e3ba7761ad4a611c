// SIGINT and SIGTERM as a descriptor that the loop watches; SIGPIPE as an error code.
//
// Thread rule: make it on the first thread before any other is started, so that all inherit the
// blocked signals.
#pragma once

#include <optional>

#include "io_linux/fd.h"

namespace p2p::io_linux {

// A write to a connection that its peer has reset ends in EPIPE and never in a signal: sendfile has
// no MSG_NOSIGNAL. For the whole process.
void ignore_sigpipe();

class Signals {
 public:
  // Blocks SIGINT and SIGTERM, ignores SIGPIPE.
  Signals();
  // release().
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // Readable while a signal waits.
  int fd() const { return fd_.get(); }
  // The number of a signal that came; nullopt: none waits. Does not block. What a first and a
  // second one mean is the application's to say.
  std::optional<int> take();
  // From here on both signals do what they do by default. For the time after the loop, in which
  // threads are joined: a signal must end the process then.
  void release();

 private:
  Fd fd_;
  bool released_ = false;
};

}  // namespace p2p::io_linux
