// What a scenario's network must come to, and what it must not, read off the scenario alone: a
// small model that knows nothing of the engine.
//
// It says less than what is true, never more:
// - Together at the end are the honest nodes that run then, along the bootstrap nodes given to them
//   that run and accept connections; and, where nodes are only ever taken away and that after a
//   quiet time, those of a component that were left alone, if one of them accepts connections.
// - Those of a component know in the end whom of it they can reach, if the others are not too many
//   and no flood of false records keeps true ones waiting.
// - Apart for ever are nodes that no bootstrap node connects, of all that ever run.
// - A wanted content arrives from node to node, each time between two that find each other,
//   beginning with those that share it and run at the end. It does not arrive where no way leads
//   from any node that ever has it, each time between two of which one accepts connections.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io_sim/scenario/scenario.h"

namespace p2p::property {

// How long after the last thing that a scenario does its network has come to rest: a dead peer is
// noticed after 75 s, a bootstrap node tried again after 75 s at most, an answer that doesn't come
// given up after 120 s.
inline constexpr Duration kSettling = Duration::minutes(5);
// How much later all nodes of a component have found each other, where some were out of reach:
// three failed dials are enough for shunning an endpoint for 10 minutes, and a neighbour tells of
// it again after 12, perhaps too early and so after 24.
inline constexpr Duration kFinding = Duration::minutes(30);
// A network of few nodes that is left alone for so long has met: whoever starts is tried again
// after 75 s at most, and told of with the next two lists.
inline constexpr Duration kMeeting = Duration::minutes(2);

// Something that is said of a run, and whether it must come true.
struct Demand {
  sim::Expectation expectation;
  bool met = true;
};

// Empty where the model says nothing: faults that last, conditions that it does not follow.
std::vector<Demand> demands_of(const sim::Scenario& scenario);
// Whether `demand` follows from one of `demands`, which is of the same or of more nodes, and as
// early or earlier.
bool is_among(const Demand& demand, const std::vector<Demand>& demands);

// When the network of a scenario has come to rest; nullopt: the model can't tell.
std::optional<Duration> rest_of(const sim::Scenario& scenario);

// What all transfers of a run must carry, and how many there are.
struct Needed {
  uint64_t bytes = 0;
  uint64_t transfers = 0;  // of one content to one node
  uint64_t largest = 0;    // bytes of the largest transfer
};
// nullopt unless the scenario is calm: honest nodes alone that start, want and share, and what is
// wanted arrives.
std::optional<Needed> needed_by(const sim::Scenario& scenario);

}  // namespace p2p::property
