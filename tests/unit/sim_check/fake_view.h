// A run that a test makes up by hand: what rules and claims see, and what the simulation would say.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/wire/encoder.h"
#include "io_sim/check/conditions.h"
#include "io_sim/check/invariants.h"

namespace p2p::sim::test {

class FakeView final : public View {
 public:
  Time now() const override { return at; }
  size_t node_count() const override { return nodes.size(); }
  const NodeFacts& facts(NodeIndex node) const override { return nodes[node]; }
  NodeState state(NodeIndex node) const override { return states[node]; }
  Time since(NodeIndex node) const override { return sinces[node]; }
  std::optional<NodeIndex> node_at(const Endpoint& endpoint) const override {
    for (NodeIndex node = 0; node < nodes.size(); ++node) {
      if (nodes[node].endpoint == endpoint) return node;
    }
    return std::nullopt;
  }
  Status status(NodeIndex node) const override { return statuses[node]; }
  Totals totals(NodeIndex node) const override { return totals_of[node]; }
  std::vector<std::pair<NodeIndex, NodeIndex>> links() const override {
    auto sorted = link_list;
    for (auto& [a, b] : sorted) std::tie(a, b) = std::pair{std::min(a, b), std::max(a, b)};
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }
  std::vector<std::pair<NodeIndex, NodeIndex>> dialled_links() const override { return link_list; }
  uint64_t dials_last_minute(NodeIndex node) const override {
    const auto found = dials.find(node);
    return found == dials.end() ? 0 : found->second;
  }
  uint64_t bytes_last_hour(NodeIndex node) const override {
    const auto found = bytes.find(node);
    return found == bytes.end() ? 0 : found->second;
  }
  bool holds(NodeIndex node, size_t content) const override {
    return std::find(holders.begin(), holders.end(), std::pair{node, content}) != holders.end();
  }
  uint64_t pieces_held(NodeIndex) const override { return 7; }
  bool wants_nothing(NodeIndex node) const override {
    return std::find(wanting.begin(), wanting.end(), node) == wanting.end();
  }
  std::optional<Time> fetched_at(NodeIndex) const override { return std::nullopt; }
  uint64_t payload_from(NodeIndex) const override { return 0; }
  uint64_t payload_to(NodeIndex) const override { return 0; }
  uint64_t pieces_given(NodeIndex node) const override {
    const auto found = given.find(node);
    return found == given.end() ? 0 : found->second;
  }

  Time at = Time() + Duration::seconds(1);
  std::vector<NodeFacts> nodes;
  std::vector<NodeState> states;
  std::vector<Time> sinces;
  std::vector<Status> statuses;
  std::vector<Totals> totals_of;
  std::vector<std::pair<NodeIndex, NodeIndex>> link_list;  // who dialled first
  std::map<NodeIndex, uint64_t> dials;                     // of the last minute
  std::map<NodeIndex, uint64_t> bytes;                     // of the last hour
  std::map<NodeIndex, uint64_t> given;                     // pieces
  std::vector<std::pair<NodeIndex, size_t>> holders;
  std::vector<NodeIndex> wanting;
};

inline Digest piece(uint8_t n) {
  Digest digest;
  digest.bytes.fill(std::byte{n});
  return digest;
}

inline std::vector<std::byte> framed(const Message& message) {
  std::vector<std::byte> bytes;
  append_frame(bytes, message);
  return bytes;
}
inline std::vector<std::byte> list_of(FrameType type, std::vector<Digest> digests) {
  return framed(DigestListMessage{type, std::move(digests)});
}
inline std::vector<std::byte> ask_for(const Digest& digest) { return framed(AskMessage{digest}); }
inline std::vector<std::byte> peers(std::vector<Endpoint> records) {
  return framed(PeerMessage{std::move(records), {}});
}
// The first record is the sender's own.
inline std::vector<std::byte> hello(std::vector<Endpoint> records, PieceSize piece_size = {}) {
  HelloTrailer trailer;
  trailer.piece_size_log2 = piece_size.log2();
  if (!records.empty()) trailer.capabilities |= HelloTrailer::kListening;
  const auto bytes = trailer.encode();
  return framed(PeerMessage{std::move(records), {bytes.begin(), bytes.end()}});
}

// Nodes peer[0] to peer[n - 1], all running, at 8.0.0.1, 8.0.0.2 ... and the invariants that look
// on.
class FakeRun {
 public:
  explicit FakeRun(size_t count, std::vector<std::string> invariants = {}) {
    NodeGroup group;
    group.id = "peer";
    group.count = static_cast<uint32_t>(count);
    group.single = false;
    scenario.nodes.push_back(group);
    scenario.invariants = std::move(invariants);
    for (size_t i = 0; i < count; ++i) {
      NodeFacts facts;
      facts.name = "peer[" + std::to_string(i) + "]";
      facts.in_group = static_cast<uint32_t>(i);
      facts.endpoint = {Address::v4(8, 0, 0, static_cast<uint8_t>(i + 1)), 8100};
      facts.config.listen_port = 8100;
      view.nodes.push_back(facts);
    }
    view.states.assign(count, NodeState::running);
    view.sinces.assign(count, view.at);
    view.statuses.resize(count);
    view.totals_of.resize(count);
  }
  FakeRun(const FakeRun&) = delete;
  FakeRun& operator=(const FakeRun&) = delete;

  // Begins to judge. What is changed in the scenario or of who a node is, is changed before.
  Invariants& judge() {
    invariants_.emplace(scenario, view);
    for (NodeIndex node = 0; node < view.nodes.size(); ++node) {
      if (honest(node)) invariants_->started(node, {});
    }
    return *invariants_;
  }
  Invariants& rules() { return invariants_ ? *invariants_ : judge(); }
  bool honest(NodeIndex node) const { return view.nodes[node].behaviour == Behaviour::honest; }
  const Endpoint& endpoint(NodeIndex node) const { return view.nodes[node].endpoint; }

  void wait(Duration duration) { view.at = view.at + duration; }
  // Second by second, as the simulation does it.
  void pass(int64_t seconds) {
    for (int64_t i = 0; i < seconds; ++i) {
      wait(Duration::seconds(1));
      rules().second();
    }
  }
  void end(NodeIndex node, NodeState after = NodeState::crashed) {
    view.states[node] = after;
    view.sinces[node] = view.at;
    rules().ended(node);
    connections_of(node, false);
  }

  struct Pair {
    EndFacts dialler;
    EndFacts acceptor;
  };
  // `from` dials `to`; both ends are told. What is not honest is told nothing.
  Pair connect(NodeIndex from, NodeIndex to) {
    const Pair pair = meet(from, to);
    if (honest(from)) open(pair.dialler);
    if (honest(to)) open(pair.acceptor);
    return pair;
  }
  // The same, and both have said hello to each other.
  Pair greet(NodeIndex from, NodeIndex to) {
    const Pair pair = connect(from, to);
    for (const EndFacts& end : {pair.dialler, pair.acceptor}) {
      if (honest(end.node)) send(end, hello({endpoint(end.node)}));
    }
    for (const EndFacts& end : {pair.dialler, pair.acceptor}) {
      if (honest(end.node)) identify(end, false);
    }
    return pair;
  }
  Pair meet(NodeIndex from, NodeIndex to) {
    const uint64_t connection = ++last_connection_;
    const Endpoint near{endpoint(from).address, static_cast<uint16_t>(40'000 + connection)};
    Pair pair;
    pair.dialler = {connection, from, ConnId::dialled(connection), to, near, endpoint(to), view.at};
    pair.acceptor = {connection, to,     ConnId::accepted(connection), from, endpoint(to),
                     near,       view.at};
    return pair;
  }
  void open(const EndFacts& end) {
    if (!end.conn.is_accepted()) act(end.node, Connect{end.conn, end.remote});
    rules().opened(end);
    if (end.conn.is_accepted()) {
      tell(end.node, Accepted{end.conn, end.local, end.remote});
    } else {
      tell(end.node, Connected{end.conn, end.local});
    }
    connections_of(end.node, true);
  }
  void close(const EndFacts& end) {
    act(end.node, Close{end.conn});
    rules().closed(end);
    --view.totals_of[end.node].connections;
  }
  void tell(NodeIndex node, const p2p::Event& event) { rules().event(node, event); }
  void act(NodeIndex node, const p2p::Action& action) { rules().action(node, action); }
  // The peer said what it is: its first bytes have come.
  void identify(const EndFacts& end, bool legacy) {
    receive(end, 40);
    act(end.node, Notify{PeerIdentified{end.conn, end.remote, end.conn.is_accepted(), legacy}});
    rules().identified(end, legacy);
  }
  void receive(const EndFacts& end, size_t bytes) {
    rules().received(end, bytes);
    tell(end.node, Received{end.conn, bytes});
  }
  // Sent at once: nothing waited before it.
  void send(const EndFacts& end, const std::vector<std::byte>& frame) {
    act(end.node, SetInterest{end.conn, true, true});
    rules().control_sent(end, frame);
    act(end.node, SetInterest{end.conn, true, false});
  }
  void give(const EndFacts& end, const Digest& digest) {
    act(end.node, SetInterest{end.conn, true, true});
    rules().payload_begun(end, encode_give_header(digest, PieceSize()));
    rules().payload_sent(end, digest);
    act(end.node, SetInterest{end.conn, true, false});
  }

  // "": nothing is broken.
  std::string broken() {
    const auto& violation = rules().violation();
    return violation ? violation->invariant : "";
  }
  std::string detail() { return rules().violation()->node + ": " + rules().violation()->detail; }

  Scenario scenario;
  FakeView view;

 private:
  // The engine's own count of its connections.
  void connections_of(NodeIndex node, bool one_more) {
    size_t& count = view.totals_of[node].connections;
    count = one_more ? count + 1 : 0;
  }

  std::optional<Invariants> invariants_;
  uint64_t last_connection_ = 0;
};

}  // namespace p2p::sim::test
