// What a run keeps for its report: samples once in a while, faults, and the messages around the
// first violation.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/time.h"
#include "io_sim/check/view.h"

namespace p2p::sim {

struct Sample {
  Duration at;
  uint32_t running = 0;  // honest nodes
  uint32_t components = 0;
  // How many endpoints a running honest node knows.
  uint32_t knows_min = 0;
  uint32_t knows_median = 0;
  uint32_t knows_max = 0;
  // Pieces held by each node, in the order of Recording::nodes.
  std::vector<uint32_t> held;
  uint64_t payload_bytes = 0;  // so far
  uint64_t control_bytes = 0;
};

struct RecordedNode {
  std::string name;
  Behaviour behaviour = Behaviour::honest;
};

// Something that the scenario, or a seed's draw, did to the network.
struct RecordedFault {
  Duration from;
  Duration to;        // the same: a moment
  std::string what;   // "crash peer[3]", "partition boot | peer[0..9]"
  bool fault = true;  // false: start, want, share
};

struct RecordedMessage {
  Duration sent;
  Duration received;  // zero: never, as far as the run goes
  NodeIndex from = 0;
  NodeIndex to = 0;
  std::string what;  // "peer 12", "ask 30e14955"
};

struct RecordedLink {
  NodeIndex a = 0;
  NodeIndex b = 0;
};

class Recording {
 public:
  static constexpr size_t kSamplesMax = 600;
  static constexpr size_t kMessagesMax = 400;  // the last before the end or the first violation

  // Set before the run: only this node's messages are kept. Else those of all.
  std::optional<NodeIndex> focus;

  std::vector<RecordedNode> nodes;
  std::vector<Sample> samples;
  std::vector<RecordedFault> faults;
  std::deque<RecordedMessage> messages;
  std::vector<RecordedLink> links;  // when the run ended
  std::vector<NodeState> states;    // the same
};

}  // namespace p2p::sim
