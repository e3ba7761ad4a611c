// Makes a scenario that fails as small as it gets while it still fails: delta debugging over its
// parts. What "fails" means is the caller's; nothing here runs a scenario.
//
// The result depends on the start and on the answers alone, not on how many candidates are judged
// at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

// Which of the candidates is the first that still fails; nullopt: none. Those behind it need not
// be judged.
using FirstFailing = std::function<std::optional<size_t>(std::span<const Scenario>)>;
// Judges one after the other.
FirstFailing one_by_one(std::function<bool(const Scenario&)> still_fails);

struct ShrinkProgress {
  uint64_t tried = 0;  // candidates that were handed out
  const Scenario* smallest = nullptr;
};

struct ShrinkOptions {
  size_t at_once = 1;  // candidates handed out together
  // Called after each judgement. False: stop, and keep the smallest so far.
  std::function<bool(const ShrinkProgress&)> go_on;
};

struct Shrunk {
  Scenario scenario;
  uint64_t tried = 0;
  bool finished = true;  // nothing more can go
};

// Requires that `start` fails. Candidates, and so the result, are valid scenarios: written and read
// again they are the same (scenario/write.h, parse.h).
//
// An expectation keeps its time and its count: with less of the one or more of the other anything
// fails. The run never stops before the last expectation is due.
Shrunk shrink(const Scenario& start, const FirstFailing& first_failing,
              const ShrinkOptions& options = {});

// The same network in which nothing goes wrong by script: events that start nodes or tell them what
// to want and share are left. A network that fails by itself too has not failed because of its
// faults.
Scenario without_faults(const Scenario& scenario);

}  // namespace p2p::sim
