// A node's own clock: it starts apart from true time and drifts.
#pragma once

#include "engine/base/time.h"
#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

class NodeClock {
 public:
  explicit NodeClock(const ClockModel& model) : model_(model) {}

  Time local(Time true_time) const { return Time::from_ns(local_ns(true_time.since_origin_ns())); }

  // The first true time at which the clock shows `local` or more.
  Time true_time(Time local) const {
    if (local.is_never()) return Time::never();
    const int64_t wanted = local.since_origin_ns();
    int64_t guess = wanted - kStart.since_origin_ns() - model_.offset.count_ns();
    // Each round leaves the drift of what was wrong; then to the exact nanosecond.
    for (int64_t wrong = local_ns(guess) - wanted; wrong < -kClose || wrong > kClose;
         wrong = local_ns(guess) - wanted) {
      guess -= wrong;
    }
    while (local_ns(guess) < wanted) ++guess;
    while (local_ns(guess - 1) >= wanted) --guess;
    return Time::from_ns(guess);
  }

 private:
  // No clock shows zero: an engine that took that for "never set" would be found out.
  static constexpr Time kStart = Time::from_ns(1'000'000'000);
  static constexpr int64_t kClose = 4;  // nanoseconds; more than rounding is wrong by

  int64_t drift_of(int64_t ns) const {
    return ns / 1'000'000 * model_.drift_ppm + ns % 1'000'000 * model_.drift_ppm / 1'000'000;
  }
  int64_t local_ns(int64_t ns) const {
    return kStart.since_origin_ns() + model_.offset.count_ns() + ns + drift_of(ns);
  }

  ClockModel model_;
};

}  // namespace p2p::sim
