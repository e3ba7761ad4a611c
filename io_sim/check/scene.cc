#include "io_sim/check/scene.h"

#include <algorithm>
#include <string>
#include <variant>

namespace p2p::sim {

namespace {

// A connection that one end has opened reaches the other before this, or never.
constexpr Duration kOpensWithin = Duration::minutes(30);

}  // namespace

Scene::Scene(const Scenario& scenario, const View& view) : view_(view) {
  size_t count = 0;
  for (const NodeGroup& group : scenario.nodes) count += group.count;
  nodes_.resize(count);
}

const Conn* Scene::conn(NodeIndex node, ConnId id) const {
  const auto& conns = nodes_[node].conns;
  const auto at = std::lower_bound(conns.begin(), conns.end(), id,
                                   [](const Conn& conn, ConnId value) { return conn.id < value; });
  return at == conns.end() || at->id != id ? nullptr : &*at;
}

Conn* Scene::find_conn(NodeIndex node, ConnId id) {
  return const_cast<Conn*>(std::as_const(*this).conn(node, id));
}

Conn& Scene::add_conn(NodeIndex node, ConnId id) {
  auto& conns = nodes_[node].conns;
  const auto at = std::lower_bound(conns.begin(), conns.end(), id,
                                   [](const Conn& conn, ConnId value) { return conn.id < value; });
  if (at != conns.end() && at->id == id) return *at;
  Conn conn;
  conn.id = id;
  conn.began = now();
  return *conns.insert(at, conn);
}

void Scene::remove_conn(NodeIndex node, ConnId id) {
  std::erase_if(nodes_[node].conns, [id](const Conn& conn) { return conn.id == id; });
}

std::string Scene::with_peer(const End& end) const {
  return "its connection with " + name(end.facts.peer);
}

void Scene::started(NodeIndex node) {
  NodeRun run;
  run.running = true;
  run.started = run.last_event = now();
  run.heard_of = nodes_[node].heard_of;
  nodes_[node] = std::move(run);
}

void Scene::ended(NodeIndex node, const std::function<void(EndId)>& closed) {
  std::vector<EndId> open;
  for (const Conn& conn : nodes_[node].conns) {
    if (conn.end != kNoEnd && ends_[conn.end].open) open.push_back(conn.end);
  }
  for (const EndId id : open) {
    closed(id);
    close(id);
  }
  nodes_[node].running = false;
  nodes_[node].conns.clear();
}

void Scene::event(NodeIndex node, const p2p::Event& event) {
  NodeRun& run = nodes_[node];
  run.last_event = now();
  if (const auto* accepted = std::get_if<Accepted>(&event)) {
    add_conn(node, accepted->conn).answered = true;
  } else if (const auto* connected = std::get_if<Connected>(&event)) {
    if (Conn* const conn = find_conn(node, connected->conn)) conn->answered = true;
  } else if (const auto* failed = std::get_if<ConnectFailed>(&event)) {
    remove_conn(node, failed->conn);
  } else if (const auto* sent = std::get_if<Sent>(&event)) {
    if (Conn* const conn = find_conn(node, sent->conn)) conn->taken = now();
  } else if (const auto* closed = std::get_if<Closed>(&event)) {
    if (Conn* const conn = find_conn(node, closed->conn)) conn->told = true;
  } else if (std::holds_alternative<PieceLoaded>(event)) {
    if (run.loads > 0) --run.loads;
  }
}

void Scene::action(NodeIndex node, const p2p::Action& action) {
  if (const auto* connect = std::get_if<Connect>(&action)) {
    add_conn(node, connect->conn);
  } else if (const auto* close = std::get_if<Close>(&action)) {
    remove_conn(node, close->conn);
  } else if (const auto* interest = std::get_if<SetInterest>(&action)) {
    Conn* const conn = find_conn(node, interest->conn);
    if (conn == nullptr) return;
    if (interest->write && !conn->write) conn->write_since = now();
    conn->write = interest->write;
  } else if (const auto* shutdown = std::get_if<ShutdownWrite>(&action)) {
    if (Conn* const conn = find_conn(node, shutdown->conn)) conn->leaving = true;
  } else if (const auto* notify = std::get_if<Notify>(&action)) {
    const auto* const gone = std::get_if<PeerGone>(&notify->notice);
    Conn* const conn = gone == nullptr ? nullptr : find_conn(node, gone->conn);
    if (conn != nullptr) conn->leaving = true;
  } else if (std::holds_alternative<LoadPiece>(action)) {
    ++nodes_[node].loads;
  }
}

uint32_t Scene::pair_of(uint64_t connection) const {
  return connection < pairs_.size() ? pairs_[static_cast<size_t>(connection)] : kNoPair;
}

EndId Scene::opened(const EndFacts& facts) {
  uint32_t pair = pair_of(facts.connection);
  if (pair == kNoPair) {
    if (facts.connection >= pairs_.size()) {
      pairs_.resize(static_cast<size_t>(facts.connection) + 1, kNoPair);
    }
    if (free_pairs_.empty()) {
      pair = static_cast<uint32_t>(ends_.size() / 2);
      ends_.resize(ends_.size() + 2);
    } else {
      pair = free_pairs_.back();
      free_pairs_.pop_back();
    }
    ends_[2 * pair] = ends_[2 * pair + 1] = End{};
    pairs_[static_cast<size_t>(facts.connection)] = pair;
  }
  const EndId id = 2 * pair + (facts.conn.is_accepted() ? 1 : 0);
  End end;
  end.facts = facts;
  end.known = end.open = true;
  end.heard = now();
  ends_[id] = end;
  Conn& conn = add_conn(facts.node, facts.conn);
  conn.end = id;
  conn.answered = true;
  conn.taken = now();
  return id;
}

EndId Scene::find(const EndFacts& facts) const {
  const uint32_t pair = pair_of(facts.connection);
  if (pair == kNoPair) return kNoEnd;
  const EndId id = 2 * pair + (facts.conn.is_accepted() ? 1 : 0);
  return ends_[id].open ? id : kNoEnd;
}

bool Scene::is_over(uint32_t pair) const {
  const End& a = ends_[2 * pair];
  const End& b = ends_[2 * pair + 1];
  if (a.open || b.open) return false;
  if (a.known && b.known) return true;
  // Of a node that is not honest nothing is told; an end that never opened may still do so.
  const End& only = a.known ? a : b;
  if (!honest(only.facts.peer)) return true;
  return now() - only.facts.opened > kOpensWithin;
}

void Scene::drop_if_over(uint32_t pair) {
  if (!is_over(pair)) return;
  const End& a = ends_[2 * pair];
  const auto connection = a.known ? a.facts.connection : ends_[2 * pair + 1].facts.connection;
  pairs_[static_cast<size_t>(connection)] = kNoPair;
  ends_[2 * pair] = ends_[2 * pair + 1] = End{};
  free_pairs_.push_back(pair);
}

void Scene::close(EndId id) {
  End& end = ends_[id];
  end.open = false;
  remove_conn(end.facts.node, end.facts.conn);
  drop_if_over(id / 2);
}

void Scene::identified(EndId id, bool legacy) {
  End& end = ends_[id];
  if (!end.identified) end.identified_at = now();
  end.identified = true;
  end.legacy = legacy;
  end.was_legacy = end.was_legacy || legacy;
}

void Scene::received(EndId id, size_t bytes) {
  End& end = ends_[id];
  end.received += bytes;
  end.heard = now();
  nodes_[end.facts.peer].heard_of = now();
}

void Scene::sweep() {
  for (uint32_t pair = 0; pair < ends_.size() / 2; ++pair) {
    if (ends_[2 * pair].known || ends_[2 * pair + 1].known) drop_if_over(pair);
  }
}

}  // namespace p2p::sim
