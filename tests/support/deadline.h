// A moment after which a test gives up. It bounds failures alone: no test waits for one to pass, so
// it may be generous, and a slow machine changes no verdict.
#pragma once

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstdint>

namespace p2p::testing {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Long enough for anything that should happen soon, with sanitizers on a busy machine.
inline constexpr milliseconds kSoon{60000};

class Deadline {
 public:
  explicit Deadline(milliseconds after) : at_(Clock::now() + after) {}

  bool passed() const { return Clock::now() >= at_; }
  std::chrono::steady_clock::time_point at() const { return at_; }
  // What is left, for poll(): 0 if it has passed.
  int left_ms() const {
    auto left = std::chrono::ceil<milliseconds>(at_ - Clock::now()).count();
    return static_cast<int>(std::clamp<int64_t>(left, 0, INT_MAX));
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point at_;
};

}  // namespace p2p::testing
