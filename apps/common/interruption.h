// What SIGINT and SIGTERM mean to a program: the first one asks it to end in order, a second one
// ends it at once, with the status that a shell gives to a program which the signal killed.
#pragma once

#include "io_linux/signals.h"

namespace p2p::app {

// Thread rule: made before any other thread is started; all methods belong to one thread.
class Interruption {
 public:
  // Looks whether a signal has come. True from the first one on. Ends the process on the second.
  bool requested();
  // Readable while a signal waits for requested().
  int fd() const { return signals_.fd(); }
  // For the time after the loop, when nobody looks any more: a signal kills the process again.
  void release() { signals_.release(); }

 private:
  io_linux::Signals signals_;
  bool requested_ = false;
};

}  // namespace p2p::app
