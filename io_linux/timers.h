// The application's timers: a few, each of which calls back at an interval.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "engine/base/time.h"

namespace p2p::io_linux {

class Timers {
 public:
  using Callback = std::function<void()>;

  // Returns the timer's number, never used again. Requires interval > 0.
  uint64_t add(Time now, Duration interval, Callback callback);
  void remove(uint64_t timer);
  // Time::never() without timers.
  Time next() const;
  // Calls back each timer that is due, once. Callbacks may add and remove timers.
  void run_due(Time now);

 private:
  struct Timer {
    Time due;
    Duration interval;
    Callback callback;
  };
  std::map<uint64_t, Timer> timers_;
  uint64_t last_ = 0;
};

}  // namespace p2p::io_linux
