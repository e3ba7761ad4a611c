// The Linux world as a Net for the contract (tests/conformance/world_contract.h): nodes of one
// process and one thread, on loopback.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/endpoint.h"
#include "engine/base/time.h"
#include "engine/core/store_types.h"
#include "io_linux/epoll_world.h"
#include "io_linux/fd.h"
#include "io_linux/store/memory_store.h"
#include "tests/conformance/scripted_engine.h"

namespace p2p::conformance {

class LinuxNet {
 public:
  struct Node {
    explicit Node(io_linux::EpollWorldOptions options);
    Time now() const { return world.now(); }
    // Performs the engine's actions, then waits for one event, until `until` at the latest. Whether
    // there was one.
    bool step(Time until);

    ScriptedEngine engine;
    io_linux::MemoryStore store;
    std::vector<std::string> warnings;
    io_linux::EpollWorld world;
    Endpoint endpoint;
  };

  LinuxNet();
  Node& add_node(unsigned worker_threads = 2);
  size_t connections() const;
  Endpoint nowhere() const { return nowhere_; }
  void step();
  void settle();
  bool patient() const { return std::chrono::steady_clock::now() < give_up_; }
  static StoredBytes stored(const std::string& bytes);

 private:
  std::vector<std::unique_ptr<Node>> nodes_;
  io_linux::Fd bound_;  // keeps the port of nowhere() from others; does not listen
  Endpoint nowhere_;
  int idle_rounds_ = 0;
  std::chrono::steady_clock::time_point give_up_;
};

// Steps until the condition holds; false when it does not within half a minute.
bool run_until(LinuxNet& net, const std::function<bool()>& condition);

}  // namespace p2p::conformance
