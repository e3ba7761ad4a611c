// One run of a scenario: its nodes, its network, what happens to them, and who looks on.
//
// The parts are in files by subject: simulation.cc (the loop), simulation_nodes.cc (starting and
// ending nodes), simulation_deeds.cc (what the scenario does), simulation_watch.cc (what is told to
// trace, invariants and recording), simulation_view.cc (what they may see).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/engine.h"
#include "io_sim/check/invariants.h"
#include "io_sim/check/view.h"
#include "io_sim/net/event_queue.h"
#include "io_sim/net/network.h"
#include "io_sim/run/contents.h"
#include "io_sim/run/expectations.h"
#include "io_sim/run/frame_tap.h"
#include "io_sim/run/meters.h"
#include "io_sim/run/recorder.h"
#include "io_sim/run/run.h"
#include "io_sim/scenario/scenario.h"
#include "io_sim/trace/trace.h"
#include "io_sim/world/engine_world.h"
#include "io_sim/world/raw_world.h"

namespace p2p::sim {

class Simulation final : public View, private WorldObserver, private FrameListener {
 public:
  // `scenario` has no [swarm] any more; it outlives the simulation.
  Simulation(const Scenario& scenario, const RunOptions& options);
  ~Simulation() override;

  Result run();

  // View.
  Time now() const override { return queue_.now(); }
  size_t node_count() const override { return nodes_.size(); }
  const NodeFacts& facts(NodeIndex node) const override { return nodes_[node].facts; }
  NodeState state(NodeIndex node) const override { return nodes_[node].state; }
  Time since(NodeIndex node) const override { return nodes_[node].since; }
  std::optional<NodeIndex> node_at(const Endpoint& endpoint) const override;
  Status status(NodeIndex node) const override;
  Totals totals(NodeIndex node) const override;
  std::vector<std::pair<NodeIndex, NodeIndex>> links() const override;
  std::vector<std::pair<NodeIndex, NodeIndex>> dialled_links() const override;
  uint64_t dials_last_minute(NodeIndex node) const override;
  uint64_t bytes_last_hour(NodeIndex node) const override;
  bool holds(NodeIndex node, size_t content) const override;
  uint64_t pieces_held(NodeIndex node) const override;
  bool wants_nothing(NodeIndex node) const override;
  std::optional<Time> fetched_at(NodeIndex node) const override;
  uint64_t payload_from(NodeIndex node) const override { return nodes_[node].payload_from; }
  uint64_t payload_to(NodeIndex node) const override { return nodes_[node].payload_to; }
  uint64_t pieces_given(NodeIndex node) const override { return nodes_[node].pieces_given; }

 private:
  struct Fetch {
    FetchId id;
    size_t content = 0;
    bool done = false;
    Time done_at;
  };
  struct Node {
    NodeFacts facts;
    NodeState state = NodeState::down;
    Time since;
    uint64_t starts = 0;
    NodeClock clock{ClockModel{}};
    std::unique_ptr<SimDisk> disk;
    // While it runs: an engine in its world, or bytes of another kind in theirs.
    std::unique_ptr<Engine> engine;
    std::unique_ptr<EngineWorld<Engine>> world;
    std::unique_ptr<RawWorld> raw;
    ByteMeter bytes;
    uint64_t payload_from = 0;
    uint64_t payload_to = 0;
    uint64_t pieces_given = 0;
    bool stopping = false;
    bool start_when_down = false;
    // What the scenario told it to have, for every start.
    std::vector<size_t> wants;
    std::vector<size_t> shares;
    std::vector<Digest> demo_wants;
    std::vector<Fetch> fetches;  // of this start
  };
  // What is known of an end of a connection, by its slot in the network.
  struct EndState {
    bool there = false;
    bool identified = false;
    EndFacts facts;
    FrameTap tap;
    uint64_t sent = 0;  // bytes
    uint64_t received = 0;
  };

  void set_up();
  void attach(NodeIndex node);
  void supply(NodeIndex node);
  size_t content_index(const std::string& id) const;
  const MadeContent& content(size_t index);
  void plan(Duration when, std::function<void()> what);
  void run_task(const Task& task);
  void on_second();
  Result result();

  // Nodes.
  bool honest(NodeIndex node) const { return nodes_[node].facts.behaviour == Behaviour::honest; }
  void start(NodeIndex node);
  void start_engine(NodeIndex node);
  void read_book(NodeIndex node, Started& started);
  void start_raw(NodeIndex node);
  std::shared_ptr<const std::vector<Endpoint>> named_by(uint32_t group);
  void stop(NodeIndex node);
  void end_process(NodeIndex node, NodeState after);
  void forget_ends(NodeIndex node);
  void crash(NodeIndex node, DiskAfter disk);
  void want(NodeIndex node, size_t content);
  void share(NodeIndex node, size_t content);
  void serve(NodeIndex node, size_t content);
  void tell_raw_of(NodeIndex node, size_t content, bool wanted);

  // Deeds.
  void carry_out(const ScriptedEvent& event);
  void carry_out_on(NodeIndex node, const ScriptedEvent& event);
  void partition(const ScriptedEvent& event);
  void clog(const ScriptedEvent& event);
  void change_links(const ScriptedEvent& event);
  void heal_all();
  void disk_fault(NodeIndex node, const ScriptedEvent& event);
  void say(const ScriptedEvent& event);

  // WorldObserver.
  void delivering(uint32_t node, const p2p::Event& event) override;
  void performing(uint32_t node, const p2p::Action& action) override;
  void opened(uint32_t node, ConnId conn, EndRef end) override;
  void closed(uint32_t node, ConnId conn, EndRef end) override;
  void sending(uint32_t node, ConnId conn, EndRef end,
               std::span<const std::span<const std::byte>> parts, bool raw) override;
  void received(uint32_t node, EndRef end, size_t bytes) override;
  void stored(uint32_t node, const Digest& digest, bool bytes_match) override;
  void synced(uint32_t node) override;
  void noticed(NodeIndex node, const Notice& notice);
  void dialling(NodeIndex node, const Endpoint& to);
  void record(std::string what);
  // Both ends of each identified connection between two nodes.
  template <class Found>
  void for_each_link(Found found) const;

  // FrameListener, of the end that is sending.
  void control(std::span<const std::byte> frame) override;
  void payload_begun(std::span<const std::byte> header) override;
  void payload_ended(const Digest& digest) override;

  const Scenario& scenario_;
  uint64_t seed_;
  Duration stop_;
  EventQueue queue_;
  Network network_;
  PiecePool pool_;
  std::vector<std::optional<MadeContent>> contents_;
  std::map<uint32_t, std::vector<Digest>> demo_pieces_;  // by the size of the pool
  std::vector<Node> nodes_;
  std::map<uint32_t, std::shared_ptr<const std::vector<Endpoint>>> named_by_;  // by group
  std::map<Endpoint, NodeIndex> by_endpoint_;
  std::vector<EndState> ends_;
  std::vector<std::function<void()>> plans_;
  std::vector<const ScriptedEvent*> conditional_;  // events that wait for their condition
  Expectations expectations_;
  EachSecond each_second_;
  DialMeter dials_;
  Trace trace_;
  std::unique_ptr<Invariants> invariants_;
  Recorder recorder_;
  EndState* sending_ = nullptr;
  uint64_t events_ = 0;
  uint64_t payload_bytes_ = 0;
  uint64_t control_bytes_ = 0;
  bool over_ = false;
};

}  // namespace p2p::sim
