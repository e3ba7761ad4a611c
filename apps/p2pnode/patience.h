// How long get waits for something to come, and when it says that it waits.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/time.h"

namespace p2p::app {

// Progress is a piece that is held, or bytes on their way to one. What peers say to each other
// without being asked stays below kTalk in the time between two looks.
class Patience {
 public:
  static constexpr uint64_t kTalk = uint64_t{64} << 10;

  Patience(Time start, std::optional<Duration> timeout) : last_(start), timeout_(timeout) {}

  // `held`: bytes of the content that are here; `received`: bytes over all open connections, which
  // is less when one closes.
  void look(Time now, uint64_t held, uint64_t received);
  bool exhausted(Time now) const { return timeout_ && now - last_ >= *timeout_; }
  Duration waited(Time now) const { return now - last_; }
  // True once after 10 s, 30 s, and each minute of waiting.
  bool due_to_say(Time now);

 private:
  Time last_;
  std::optional<Duration> timeout_;
  uint64_t held_ = 0;
  uint64_t received_ = 0;
  int64_t said_ = 0;  // how often since `last_`
};

}  // namespace p2p::app
