// Random networks of 2 to 12 nodes that mean something: who is started through whom, who shares and
// wants which of a few small contents, over what links, and what happens to them. Faults end well
// before the run does, so that the model (network_model.h) can say what must come of it.
#pragma once

#include <rapidcheck.h>

#include "io_sim/scenario/scenario.h"

namespace p2p::property {

enum class NetworkKind {
  calm,      // honest nodes; they start, want and share, and links lose nothing
  faulty,    // everything happens: nodes end, partitions, clogs, resets, hostile nodes, loss
  fading,    // calm until all have met; then nodes are taken away for ever
  handed_on  // who shares a content is gone as soon as somebody else has it
};

// Drawn from one number, which is not shrunk: a scenario that fails is shrunk as a scenario.
rc::Gen<sim::Scenario> any_network(NetworkKind kind);
sim::Scenario network_of(NetworkKind kind, uint64_t seed);

}  // namespace p2p::property
