// How busy the way out is: what of the pieces' bytes went out of late, against the most that ever
// went out in as long.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace p2p {

class UploadMeter {
 public:
  // What is said changes once in so long.
  static constexpr Duration kStep = Duration::milliseconds(50);

  void moved(Time now, size_t bytes) {
    turn_to(now);
    running_ += bytes;
  }
  // More could go out: it did, not long ago; or nothing does.
  bool idles(Time now) {
    turn_to(now);
    return latest_ == 0 || latest_ * 100 < most_ * kBusyPercent;
  }
  // When idles() may say something else. After a call of idles(), that is later.
  Time next_step() const { return step_began_ + kStep; }

 private:
  static constexpr uint64_t kBusyPercent = 92;
  static constexpr size_t kSteps = 5;  // 250 ms: several pieces of 1 MiB at 100 Mbit/s
  // What is taken from the most at each step, as links change: half of it in 18 s.
  static constexpr uint64_t kFades = 512;

  void turn_to(Time now) {
    if (now - step_began_ >= kStep * static_cast<int64_t>(2 * kSteps)) {
      steps_.fill(0);
      running_ = latest_ = 0;
      step_began_ = now;
    }
    while (now >= next_step()) turn();
  }
  void turn() {
    latest_ += running_;
    latest_ -= steps_[oldest_];
    steps_[oldest_] = running_;
    oldest_ = (oldest_ + 1) % kSteps;
    running_ = 0;
    most_ -= most_ / kFades;
    if (latest_ > most_) most_ = latest_;
    step_began_ = next_step();
  }

  std::array<uint64_t, kSteps> steps_{};  // bytes of each
  size_t oldest_ = 0;
  uint64_t latest_ = 0;   // the sum of them
  uint64_t running_ = 0;  // bytes of the step that has not ended
  Time step_began_;
  uint64_t most_ = 0;
};

}  // namespace p2p
