// What the rules share: the runs of the nodes and the ends of connections, as the simulation tells
// of them. Kept up to date before a rule is called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <vector>

#include "engine/base/time.h"
#include "engine/core/action.h"
#include "engine/core/event.h"
#include "io_sim/check/invariants.h"
#include "io_sim/check/view.h"

namespace p2p::sim {

// An end of a connection: small, used again for another connection when both ends are gone. Rules
// keep what they know of an end in vectors indexed by it, and begin anew when it opens.
using EndId = uint32_t;
inline constexpr EndId kNoEnd = std::numeric_limits<EndId>::max();
constexpr EndId other_end(EndId id) { return id ^ 1; }

struct End {
  EndFacts facts;
  bool known = false;  // was open once
  bool open = false;
  bool identified = false;
  Time identified_at;
  bool legacy = false;      // as last said
  bool was_legacy = false;  // said so once
  Time heard;               // when it opened, or bytes were last received
  uint64_t received = 0;    // bytes
  uint64_t sent = 0;        // bytes of the frames that were taken whole, a payload once it began

  bool extended() const { return identified && !legacy; }
};

// A connection as a node's engine has it, from Connect or Accepted to Close.
struct Conn {
  ConnId id;
  EndId end = kNoEnd;  // none: a dial without answer
  Time began;
  bool answered = false;  // Connected or Accepted was delivered
  bool leaving = false;   // the engine has let go of it: what is queued goes out, then it closes
  bool told = false;      // Closed was delivered
  bool write = false;     // as last said by SetInterest
  Time write_since;       // since when there has been something to send without a break
  Time taken;             // when bytes were last taken
};

// One node, from one start to its end.
struct NodeRun {
  bool running = false;
  Time started;
  Time last_event;          // when one was last delivered
  std::vector<Conn> conns;  // by id
  uint64_t loads = 0;       // LoadPiece without an answer yet
  Time heard_of;            // when anybody last received bytes from it; of any node
};

class Scene {
 public:
  Scene(const Scenario& scenario, const View& view);

  const View& view() const { return view_; }
  Time now() const { return view_.now(); }
  const Limits& limits(NodeIndex node) const { return view_.facts(node).config.limits; }
  const std::string& name(NodeIndex node) const { return view_.facts(node).name; }
  bool honest(NodeIndex node) const { return view_.facts(node).behaviour == Behaviour::honest; }

  size_t node_count() const { return nodes_.size(); }
  const NodeRun& node(NodeIndex node) const { return nodes_[node]; }
  const End& end(EndId id) const { return ends_[id]; }
  size_t ends() const { return ends_.size(); }
  // nullptr when the engine has let go of it.
  const Conn* conn(NodeIndex node, ConnId id) const;
  const Conn* conn_of(const End& end) const { return conn(end.facts.node, end.facts.conn); }
  // "its connection with peer[3]"
  std::string with_peer(const End& end) const;

  void started(NodeIndex node);
  // The ends that were open are gone: `closed` is called with each before it is closed.
  void ended(NodeIndex node, const std::function<void(EndId)>& closed);
  void event(NodeIndex node, const p2p::Event& event);
  void action(NodeIndex node, const p2p::Action& action);
  EndId opened(const EndFacts& facts);
  // kNoEnd unless it is open.
  EndId find(const EndFacts& facts) const;
  void close(EndId id);
  void identified(EndId id, bool legacy);
  void sent(EndId id, uint64_t bytes) { ends_[id].sent += bytes; }
  void received(EndId id, size_t bytes);
  // Gives up connections whose other end never came to be.
  void sweep();

 private:
  static constexpr uint32_t kNoPair = std::numeric_limits<uint32_t>::max();

  Conn* find_conn(NodeIndex node, ConnId id);
  Conn& add_conn(NodeIndex node, ConnId id);
  void remove_conn(NodeIndex node, ConnId id);
  uint32_t pair_of(uint64_t connection) const;
  // Whether neither end can be heard of any more.
  bool is_over(uint32_t pair) const;
  void drop_if_over(uint32_t pair);

  const View& view_;
  std::vector<NodeRun> nodes_;
  std::deque<End> ends_;  // 2 * pair, of the side that dialled; then of the one that accepted
  std::vector<uint32_t> pairs_;  // by connection
  std::vector<uint32_t> free_pairs_;
};

}  // namespace p2p::sim
