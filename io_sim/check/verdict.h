// The invariants by number, and the first one that was broken.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "io_sim/check/invariants.h"
#include "io_sim/check/view.h"

namespace p2p::sim {

// In the order of the table in invariants.cc. Of two that break at one moment the first is kept.
enum class Invariant {
  verified_pieces,
  durable_pieces,
  asks_answered,
  want_or_ask,
  frames_valid,
  legacy_types,
  bounds,
  no_self_dial,
  one_connection_each,
  silent_closed,
  no_leaks,
  spoken_with,
  dead_forgotten,
  no_busy_loop,
  assertions,
};
inline constexpr size_t kInvariants = static_cast<size_t>(Invariant::assertions) + 1;

class Court {
 public:
  Court(const Scenario& scenario, const View& view);

  bool judges(Invariant invariant) const { return judged_[static_cast<size_t>(invariant)]; }
  // Keeps it if this invariant is judged and none was broken before. `detail` as in Violation.
  void violated(Invariant invariant, NodeIndex node, std::string detail);
  const std::optional<Violation>& violation() const { return violation_; }

 private:
  const View& view_;
  std::array<bool, kInvariants> judged_{};
  std::optional<Violation> violation_;
};

}  // namespace p2p::sim
