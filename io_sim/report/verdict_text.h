// What a run came to, in words for people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io_sim/run/result.h"

namespace p2p::sim {

struct VerdictText {
  std::string_view css;   // the class in report.css
  std::string_view word;  // "Passed"
  std::vector<std::string> sentences;
};
VerdictText verdict_text(const Result& result);

// What failed, for grouping: the invariant, the expectations that were not met. Empty when all
// held.
std::string what_failed(const Result& result);

}  // namespace p2p::sim
