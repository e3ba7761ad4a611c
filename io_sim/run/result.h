// What a run came to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "io_sim/check/invariants.h"
#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

struct ExpectationResult {
  std::string that;  // the claim with its nodes and count, as a person reads it
  Duration by;
  std::optional<Duration> met_at;
  std::string instead;  // what was there at the end, when it was not met
};

struct Result {
  std::string scenario;
  uint64_t seed = 0;
  Verdict verdict = Verdict::pass;
  Duration virtual_time;
  uint64_t events = 0;  // delivered to nodes
  uint64_t nodes = 0;
  std::string trace_hash;
  std::vector<ExpectationResult> expectations;
  std::optional<Violation> violated;
  uint64_t payload_bytes = 0;  // of gives and trims, as sent by honest nodes
  uint64_t control_bytes = 0;  // everything else that honest nodes sent
};

// Whether the run ended as the file says it does.
bool as_promised(const Result& result, const Promise& promise);

}  // namespace p2p::sim
