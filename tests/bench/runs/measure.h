// What a benchmark measures in a simulated run, second by second.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io_sim/check/view.h"

namespace p2p::bench {

enum class Bound {
  at_most,
  at_least,
  stated,  // no aim: only told, the worst being the largest
};

// A figure of a run: a whole number, or tenths or hundredths where the aim has decimals.
struct Measure {
  std::string what;  // "one component, s after the last start"
  Bound bound = Bound::stated;
  int64_t aim = 0;
  unsigned decimals = 0;  // at most 2
  // Looked at in each virtual second from `from` to `to`, both included.
  Duration from;
  Duration to;
  // What there is now; nullopt counts as a miss. The figure is the worst of them.
  std::function<std::optional<int64_t>(const sim::View&)> look;
  // Or: whether it holds now. The figure is how many seconds after `from` it holds for good.
  std::function<bool(const sim::View&)> holds;
};

// Follows one measure through a run.
class Follower {
 public:
  explicit Follower(const Measure& measure) : measure_(measure) {}

  void second(const sim::View& view);
  // nullopt: it could not be measured, or did not come to hold.
  std::optional<int64_t> figure() const { return figure_; }

 private:
  const Measure& measure_;
  std::optional<int64_t> figure_;
  bool missed_ = false;
};

bool is_met(const Measure& measure, std::optional<int64_t> figure);
// "93.4", "17", "never"
std::string figure_text(const Measure& measure, std::optional<int64_t> figure);
// "at most 60", "at least 99.0", "-"
std::string aim_text(const Measure& measure);

// Running honest nodes of a group, by its id; of all groups when it is empty.
std::vector<sim::NodeIndex> running(const sim::View& view, std::string_view group = "");
// In tenths of a percent, rounded down; 0 of nothing.
int64_t tenths_of_percent(uint64_t part, uint64_t whole);

}  // namespace p2p::bench
