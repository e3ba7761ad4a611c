// What expectations, invariants and reports may see of a run: facts, and looks that change nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/config.h"
#include "engine/core/status.h"
#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

// Nodes are numbered in the order of the scenario's groups.
using NodeIndex = uint32_t;

struct NodeFacts {
  std::string name;       // "boot", "peer[3]"
  uint32_t group = 0;     // index in Scenario::nodes
  uint32_t in_group = 0;  // index in the group
  Endpoint endpoint;      // where it listens
  bool inbound = true;
  Behaviour behaviour = Behaviour::honest;
  Config config;  // of honest ones, without the nonce
};

enum class NodeState {
  down,  // not started yet, stopped or killed: its host answers that nobody listens
  running,
  crashed,  // its host is gone: nothing answers
};

class View {
 public:
  virtual ~View() = default;

  virtual Time now() const = 0;
  virtual size_t node_count() const = 0;
  virtual const NodeFacts& facts(NodeIndex node) const = 0;
  virtual NodeState state(NodeIndex node) const = 0;
  // When it came to be in that state.
  virtual Time since(NodeIndex node) const = 0;
  // The node that listens, or listened, at an endpoint.
  virtual std::optional<NodeIndex> node_at(const Endpoint& endpoint) const = 0;
  // Require an honest node that is running.
  virtual Status status(NodeIndex node) const = 0;  // costs time in proportion to what it says
  virtual Totals totals(NodeIndex node) const = 0;  // cheap
  // Connections between two running nodes that both ends have identified (a hostile or legacy end
  // counts as having done so), lower index first, in ascending order, each pair once.
  virtual std::vector<std::pair<NodeIndex, NodeIndex>> links() const = 0;
  // The same connections, who dialled first.
  virtual std::vector<std::pair<NodeIndex, NodeIndex>> dialled_links() const = 0;
  // How often honest nodes of other hosts have dialled any port of the node's host in the last 60
  // s.
  virtual uint64_t dials_last_minute(NodeIndex node) const = 0;
  // TCP payload that the node has sent and received, over all of its connections and starts, in the
  // last hour: in the last sixty whole minutes and the one under way.
  virtual uint64_t bytes_last_hour(NodeIndex node) const = 0;
  // Whether the node's disk has every piece of a content; `content` is an index in
  // Scenario::contents.
  virtual bool holds(NodeIndex node, size_t content) const = 0;
  virtual uint64_t pieces_held(NodeIndex node) const = 0;
  // Whether every fetch that the scenario began at the node is done.
  virtual bool wants_nothing(NodeIndex node) const = 0;
  // When the last of those was done; nullopt: not all are, or there was none.
  virtual std::optional<Time> fetched_at(NodeIndex node) const = 0;
  // Bytes of pieces that the node has sent, over all of its starts, and that were sent to it,
  // whatever became of them.
  virtual uint64_t payload_from(NodeIndex node) const = 0;
  virtual uint64_t payload_to(NodeIndex node) const = 0;
  // Pieces that it has sent whole.
  virtual uint64_t pieces_given(NodeIndex node) const = 0;

 protected:
  View() = default;
  View(const View&) = default;
  View& operator=(const View&) = default;
};

// The endpoint that `endpoint` is to a node: a loopback address means its own host.
Endpoint as_seen_by(const NodeFacts& node, const Endpoint& endpoint);

// The nodes that a NodeSet of the scenario names, ascending, none twice.
std::vector<NodeIndex> nodes_of(const Scenario& scenario, const NodeSet& set);

}  // namespace p2p::sim
