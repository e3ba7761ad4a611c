// The numbers of a scenario that may be lower, or rounder.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

enum class NumberKind { duration, size, count };

struct Number {
  NumberKind kind = NumberKind::count;
  uint64_t value = 0;  // nanoseconds, bytes, or how many
  uint64_t least = 0;
  std::function<void(Scenario&, uint64_t)> set;
};
std::vector<Number> numbers_of(const Scenario& scenario);

// What to try in place of the value, the most promising first: all of them lower, none below the
// least, none twice. The least; half of the way there, a quarter, and so on, rounded; then the
// value itself, rounded down.
std::vector<uint64_t> lower_values(const Number& number);

}  // namespace p2p::sim
