// The simulated network: hosts, and TCP connections between them, in virtual time. What it is like
// is stated in docs/scenarios.md, "The network model".
//
// A connection has two ends; each end belongs to one node and is named by an EndRef, which stays
// unique for ever. The owner of an end looks at it (readable, room, failure), acts on it (read,
// write, shut, close), and is called through its Station when there is reason to look. Nothing is
// called from within a call of the owner's: what follows is a task in the queue.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/endpoint.h"
#include "engine/base/random.h"
#include "engine/core/event.h"
#include "engine/core/windows.h"
#include "io_sim/net/blockades.h"
#include "io_sim/net/byte_ring.h"
#include "io_sim/net/event_queue.h"
#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

// One end of a connection. Ends are dense numbers that are used again; the generation tells the
// users apart.
struct EndRef {
  uint32_t index = 0;
  uint32_t generation = 0;
  friend auto operator<=>(const EndRef&, const EndRef&) = default;
};

// What the network tells the node that owns an end. `tag` is what the owner called the end.
class Station {
 public:
  virtual ~Station() = default;
  // A connection has come in. Returns the owner's tag for it.
  virtual uint64_t on_accepted(EndRef end, const Endpoint& local, const Endpoint& remote) = 0;
  virtual void on_connected(EndRef end, uint64_t tag, const Endpoint& local) = 0;
  // The end is gone with it.
  virtual void on_connect_failed(uint64_t tag, NetError why) = 0;
  // Something that was watched for is there.
  virtual void on_ready(EndRef end, uint64_t tag) = 0;

 protected:
  Station() = default;
  Station(const Station&) = default;
  Station& operator=(const Station&) = default;
};

// How a node is attached.
struct Attachment {
  uint64_t key = 0;   // of its streams of chance; its name's, so that it stays when others go
  Endpoint endpoint;  // where it listens, when it is up
  bool listens = true;
  bool inbound = true;  // false: behind a NAT or a firewall, dials from other hosts get no answer
  std::optional<Bandwidth> bandwidth;
  std::optional<LatencyLaw> latency;
};

// What a `link` of a scenario changes for a node; later ones win.
struct LinkChange {
  std::optional<LatencyLaw> latency;
  std::optional<Bandwidth> bandwidth;
  std::optional<Probability> loss;
};

class Network {
 public:
  Network(EventQueue& queue, const NetworkModel& model, uint64_t seed);

  // Nodes are numbered in the order in which they are attached.
  uint32_t attach(const Attachment& attachment);
  size_t node_count() const { return nodes_.size(); }
  // nullptr: nobody is there (the process is not running). Not owned.
  void set_station(uint32_t node, Station* station);

  // The host is gone, its connections without a word; or it is back, with none.
  void crash(uint32_t node);
  void recover(uint32_t node);
  // The process has ended: its connections are closed as a kernel closes them.
  void close_all(uint32_t node);

  // Of the scenario.
  Blockades& blockades() { return blockades_; }
  // After any change of the blockades that lifts one. Clogged bytes go on at once; others when TCP
  // would next try again.
  void blockades_lifted(bool at_once);
  uint64_t add_link_change(const std::vector<uint32_t>& nodes, const LinkChange& change);
  void remove_link_change(uint64_t id);
  void remove_link_changes();
  // Both ends see a reset: connections between the nodes and the others, or anybody where there are
  // none.
  void reset_connections(const std::vector<uint32_t>& nodes, const std::vector<uint32_t>& others);

  // The owner's side.
  EndRef dial(uint32_t node, const Endpoint& to, uint64_t tag);
  // What the owner wants to be called for. Level-triggered: on_ready comes again and again as long
  // as it is there.
  void watch(EndRef end, bool read, bool write);
  size_t readable(EndRef end) const;
  // How many bytes a write would take; 0: not now.
  size_t room(EndRef end) const;
  // Set when no more bytes will come: end_of_stream after the last of them was read, other errors
  // at once; what had come by then can still be read, nothing can be written.
  std::optional<NetError> failure(EndRef end) const;
  // How much of `most` bytes one read or write does, as the scenario cuts.
  size_t cut(EndRef end, size_t most);
  // The next n bytes, in at most two spans; drop() then takes them. Requires n <= readable().
  std::array<std::span<const std::byte>, 2> peek(EndRef end, size_t n) const;
  void drop(EndRef end, size_t n);
  // The sum of the spans' sizes is at most room().
  void write(EndRef end, std::span<const std::span<const std::byte>> parts);
  void shut(EndRef end);
  void close(EndRef end);

  bool exists(EndRef end) const;
  // The same number at both ends, and used once.
  uint64_t connection_of(EndRef end) const { return at(end).connection; }
  EndRef peer_of(EndRef end) const;
  uint32_t owner_of(EndRef end) const { return at(end).node; }
  Endpoint local_of(EndRef end) const { return at(end).local; }
  Endpoint remote_of(EndRef end) const { return at(end).remote; }
  bool is_open(EndRef end) const;  // both ends are, as far as they know
  size_t end_slots() const { return ends_.size(); }
  // The end in a slot, if one is there.
  std::optional<EndRef> end_in(uint32_t slot) const;

  // Runs a task of a kind that is the network's.
  void run(const Task& task);

 private:
  enum class State : uint8_t {
    free,
    connecting,
    open,
    closed,    // by its owner; bytes may still be on their way to the peer
    vanished,  // its host crashed
  };
  struct End {
    State state = State::free;
    bool watch_read = false;
    bool watch_write = false;
    bool queued = false;   // a task `ready` is under way
    bool in_turn = false;  // waits for the uplink
    bool fin_wanted = false;
    bool fin_sent = false;
    bool eof = false;  // the peer's end of stream is here
    bool release_due = false;
    bool reset_sent = false;
    bool reset_held = false;
    std::optional<NetError> error;

    uint32_t node = 0;
    uint32_t generation = 0;
    uint64_t connection = 0;
    uint64_t tag = 0;
    Endpoint local;
    Endpoint remote;
    Duration latency;
    Random random{Seed{}};

    // What comes in: the first `arrived` bytes are here, the rest is on its way.
    ByteRing in;
    size_t arrived = 0;
    size_t frozen = 0;  // read, and the acknowledgement is held up
    // What goes out, as parts of the peer's `in`.
    size_t unsent = 0;  // waits for the uplink
    size_t held = 0;    // left, and did not get through
    size_t lost = 0;    // arrived at a host that was gone: nothing will acknowledge them
    bool fin_held = false;
    Time last_arrival;
    Time stalled_since = Time::never();
  };
  struct Node {
    Attachment attachment;
    Station* station = nullptr;
    bool crashed = false;
    uint64_t dials = 0;
    std::vector<std::pair<uint64_t, LinkChange>> changes;
    Time uplink_free;
    bool uplink_due = false;
    std::unique_ptr<std::deque<EndRef>> turns;  // who waits for the uplink
    Time downlink_free;
  };

  struct Host {
    uint32_t node = 0;            // the first that is there
    uint16_t last_port = 40'000;  // that its dials came from
  };

  End& at(EndRef ref);
  const End& at(EndRef ref) const;
  bool is_stale(const Task& task) const;
  static uint32_t peer_index(uint32_t index) { return index ^ 1; }
  End& peer(uint32_t index) { return ends_[peer_index(index)]; }
  const End& peer(uint32_t index) const { return ends_[peer_index(index)]; }
  EndRef ref_of(uint32_t index) const { return {index, ends_[index].generation}; }
  Task task_for(TaskKind kind, uint32_t index, uint64_t amount) const;
  static uint64_t amount_of(const Task& task) { return task.what & 0xffffffff; }
  bool same_host(uint32_t a, uint32_t b) const;
  bool blocked(uint32_t from, uint32_t to) const {
    return blockades_.blocked(from, to) && !same_host(from, to);
  }

  // Dialling (network_dial.cc).
  uint32_t allocate();
  void free_if_done(uint32_t index);
  std::optional<uint32_t> listener_at(const Endpoint& to, uint32_t from) const;
  std::optional<uint32_t> node_of_host(const Endpoint& to, uint32_t from) const;
  void on_syn(uint32_t index, uint64_t attempt);
  void on_syn_arrived(uint32_t index);
  void on_syn_answered(uint32_t index);
  void fail_dial(uint32_t index, NetError why);
  Duration draw_connection_latency(uint32_t a, uint32_t b, Random& random) const;
  void redraw_latencies(const std::vector<uint32_t>& nodes);

  // Moving bytes (network_bytes.cc).
  Bandwidth bandwidth_of(uint32_t node) const;
  Probability loss_between(uint32_t a, uint32_t b) const;
  void send_unsent(uint32_t index);
  void on_uplink(uint32_t node);
  void depart(uint32_t index, size_t bytes, Time when);
  void hold(uint32_t index, size_t bytes);
  Duration loss_delay(End& end, uint32_t index, size_t bytes);
  void send_fin_if_due(uint32_t index);
  void on_arrive(uint32_t index, size_t bytes);
  void on_deliver(uint32_t index, size_t bytes);
  void refuse_bytes(uint32_t index, size_t bytes);
  void on_release(uint32_t index);
  void schedule_release(uint32_t index, bool at_once);
  void stall(uint32_t index);

  // Endings (network_endings.cc).
  void on_fin(uint32_t index);
  void on_give_up(uint32_t index);
  void break_end(uint32_t index, NetError why);
  static void stop_sending(End& end);
  void send_reset(uint32_t from_index);
  void wake(uint32_t index);
  bool is_ready(uint32_t index) const;
  void on_ready(uint32_t index);

  EventQueue& queue_;
  NetworkModel model_;
  uint64_t seed_;
  Blockades blockades_;
  uint64_t last_change_ = 0;
  uint64_t last_connection_ = 0;
  std::vector<Node> nodes_;
  std::map<Address, Host> hosts_;
  std::map<Endpoint, uint32_t> listeners_;  // nodes
  std::deque<End> ends_;                    // an even one and the odd one after it are connected
  std::vector<uint32_t> free_;              // even ones
};

}  // namespace p2p::sim
