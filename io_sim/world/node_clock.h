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
    const int64_t elapsed = wanted - kStart.since_origin_ns() - model_.offset.count_ns();
    // Off by the drift of the drift at most; then to the exact nanosecond.
    int64_t guess = elapsed - drift_of(elapsed) + drift_of(drift_of(elapsed));
    while (local_ns(guess) < wanted) ++guess;
    while (local_ns(guess - 1) >= wanted) --guess;
    return Time::from_ns(guess);
  }

 private:
  // No clock shows zero: an engine that took that for "never set" would be found out.
  static constexpr Time kStart = Time::from_ns(1'000'000'000);

  int64_t drift_of(int64_t ns) const {
    return ns / 1'000'000 * model_.drift_ppm + ns % 1'000'000 * model_.drift_ppm / 1'000'000;
  }
  int64_t local_ns(int64_t ns) const {
    return kStart.since_origin_ns() + model_.offset.count_ns() + ns + drift_of(ns);
  }

  ClockModel model_;
};

}  // namespace p2p::sim
