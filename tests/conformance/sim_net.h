// The simulation as a Net for the contract (tests/conformance/world_contract.h): nodes on a
// simulated network, in virtual time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/endpoint.h"
#include "engine/base/time.h"
#include "engine/core/store_types.h"
#include "io_sim/net/event_queue.h"
#include "io_sim/net/network.h"
#include "io_sim/world/engine_world.h"
#include "io_sim/world/piece_pool.h"
#include "io_sim/world/sim_disk.h"
#include "tests/conformance/scripted_engine.h"

namespace p2p::conformance {

class SimNet {
 public:
  struct Node {
    // Where it is attached. The default: a host of its own that accepts.
    explicit Node(SimNet& net, const sim::Attachment& attachment, const sim::ClockModel& clock);
    Time now() const { return world.now(); }

    ScriptedEngine engine;
    Endpoint endpoint;
    uint32_t index;
    sim::SimDisk disk;
    sim::EngineWorld<ScriptedEngine> world;
  };

  // Clocks that drift: no two nodes have the same time.
  explicit SimNet(const sim::NetworkModel& model = {}, bool clocks_drift = false);

  Node& add_node();
  Node& add_node(sim::Attachment attachment);
  // Of the next node that is added.
  sim::Attachment next_attachment() const;
  size_t connections() const;
  Endpoint nowhere() const { return nowhere_; }
  void step();
  void settle();
  // Hours of virtual time are for what waits for timeouts of TCP.
  bool patient() const;
  static StoredBytes stored(const std::string& bytes);

  sim::EventQueue& queue() { return queue_; }
  sim::Network& network() { return network_; }

 private:
  friend struct Node;
  void run(const sim::Task& task);

  sim::EventQueue queue_;
  sim::Network network_;
  sim::PiecePool pool_;
  bool clocks_drift_;
  Endpoint nowhere_;
  uint32_t first_node_ = 0;  // others are before it
  std::vector<std::unique_ptr<Node>> nodes_;
  uint64_t steps_ = 0;
};

}  // namespace p2p::conformance
