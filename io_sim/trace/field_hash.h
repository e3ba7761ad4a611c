// The fields of events and actions as words of the trace hash: first which alternative it is, then
// every field in the order of its declaration. Payload bytes are not among them: a piece's digest
// stands for them.
#pragma once

#include "engine/core/action.h"
#include "engine/core/event.h"
#include "io_sim/trace/trace_hash.h"

namespace p2p::sim {

void hash_event(TraceHash& hash, const p2p::Event& event);
void hash_action(TraceHash& hash, const p2p::Action& action);

}  // namespace p2p::sim
