#include "io_sim/check/conditions.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "io_sim/check/graph.h"
#include "io_sim/check/look.h"
#include "io_sim/check/overlay_conditions.h"

namespace p2p::sim {

namespace {

Finding look_connected(const Look& look) {
  std::vector<NodeIndex> ours;
  for (const NodeIndex node : look.live) {
    const Behaviour behaviour = look.behaviour(node);
    if (behaviour == Behaviour::honest || behaviour == Behaviour::legacy) ours.push_back(node);
  }
  if (ours.empty()) return none_running();
  const auto component = components(look.view.node_count(), look.view.links());
  std::map<NodeIndex, std::vector<NodeIndex>> parts;
  for (const NodeIndex node : ours) parts[component[node]].push_back(node);
  const auto by_size = [](const auto& a, const auto& b) {
    return a.second.size() < b.second.size();
  };
  const auto [least, most] = std::minmax_element(parts.begin(), parts.end(), by_size);
  if (look.condition.share.reached_by(most->second.size(), ours.size())) return yes();
  // The smallest part tells most.
  const auto& apart = least->second;
  std::string text = counted(parts.size(), "component", "components") + " of " +
                     counted(ours.size(), "node", "nodes");
  if (look.condition.share != Share()) {
    text += ", the largest of " + std::to_string(most->second.size());
  }
  text += ": " + look.name(apart.front());
  if (apart.size() > 1) text += " and " + counted(apart.size() - 1, "other", "others");
  return no(text + (apart.size() > 1 ? " are apart" : " is apart"));
}

// The endpoints in a node's book that it believes alive, itself not. One that is known by its
// host's address and by the loopback address counts once.
std::vector<Endpoint> known_by(const Look& look, NodeIndex node) {
  const NodeFacts& facts = look.view.facts(node);
  auto known = look.view.status(node).known_alive;
  for (Endpoint& endpoint : known) endpoint = as_seen_by(facts, endpoint);
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  std::erase(known, facts.endpoint);
  return known;
}

std::vector<NodeIndex> live_honest(const Look& look) {
  std::vector<NodeIndex> honest;
  for (const NodeIndex node : look.live) {
    if (look.behaviour(node) == Behaviour::honest) honest.push_back(node);
  }
  return honest;
}

Finding look_knows_count(const Look& look, bool at_least) {
  const auto nodes = live_honest(look);
  if (nodes.empty() && at_least) return none_running();
  const uint64_t count = look.condition.count;
  for (const NodeIndex node : nodes) {
    const uint64_t known = known_by(look, node).size();
    if (at_least ? known >= count : known <= count) continue;
    return no(look.name(node) + " knows " + counted(known, "endpoint", "endpoints") + ", " +
              (at_least ? asked_for(count) : at_most(count)));
  }
  return yes();
}

Finding look_knows(const Look& look) {
  const auto nodes = live_honest(look);
  if (nodes.empty()) return none_running();
  for (const NodeIndex node : nodes) {
    const auto known = known_by(look, node);
    for (const NodeIndex peer : look.peers) {
      if (peer == node) continue;
      const Endpoint& endpoint = look.view.facts(peer).endpoint;
      if (std::binary_search(known.begin(), known.end(), endpoint)) continue;
      return no(look.name(node) + " does not know " + look.name(peer) + " (" + endpoint.text() +
                ")");
    }
  }
  return yes();
}

Finding look_holds(const Look& look) {
  const auto& contents = look.scenario.contents;
  const auto content = std::find_if(contents.begin(), contents.end(), [&](const Content& c) {
    return c.id == look.condition.content;
  });
  P2P_CHECK(content != contents.end());
  const auto index = static_cast<size_t>(content - contents.begin());
  size_t holders = 0;
  std::string first_without;
  for (const NodeIndex node : look.nodes) {
    if (look.view.holds(node, index)) {
      ++holders;
    } else if (first_without.empty()) {
      first_without = look.name(node) + " has " +
                      counted(look.view.pieces_held(node), "piece", "pieces") + " in all and not " +
                      "all of " + content->id;
    }
  }
  if (holders == look.nodes.size()) return yes();
  return no(first_without + "; " + std::to_string(holders) + " of " +
            counted(look.nodes.size(), "node has", "nodes have") + " it");
}

Finding look_wants_nothing(const Look& look) {
  if (look.live.empty()) return none_running();
  size_t wanting = 0;
  NodeIndex first = 0;
  for (const NodeIndex node : look.live) {
    if (look.view.wants_nothing(node)) continue;
    if (wanting++ == 0) first = node;
  }
  if (wanting == 0) return yes();
  std::string text = look.name(first);
  if (wanting > 1) text += " and " + counted(wanting - 1, "other", "others");
  return no(text + (wanting > 1 ? " still want pieces" : " still wants pieces"));
}

// Of every node named, running or not: what it gave it has given.
Finding look_pieces_given(const Look& look) {
  for (const NodeIndex node : look.nodes) {
    const uint64_t given = look.view.pieces_given(node);
    if (given >= look.condition.count) continue;
    return no(look.name(node) + " has given " + counted(given, "piece", "pieces") + ", " +
              asked_for(look.condition.count));
  }
  return yes();
}

std::vector<bool> marked(const View& view, const std::vector<NodeIndex>& nodes) {
  std::vector<bool> mark(view.node_count());
  for (const NodeIndex node : nodes) mark[node] = true;
  return mark;
}

Finding look_no_connection_to(const Look& look) {
  const auto is_node = marked(look.view, look.live);
  const auto is_peer = marked(look.view, look.peers);
  for (const auto& [a, b] : look.view.links()) {
    if (is_node[a] && is_peer[b]) return no(look.name(a) + " is connected to " + look.name(b));
    if (is_node[b] && is_peer[a]) return no(look.name(b) + " is connected to " + look.name(a));
  }
  return yes();
}

Finding look_connected_to(const Look& look) {
  if (look.live.empty()) return none_running();
  const auto links = look.view.links();
  for (const NodeIndex node : look.live) {
    for (const NodeIndex peer : look.peers) {
      if (peer == node) continue;
      const std::pair link{std::min(node, peer), std::max(node, peer)};
      if (std::binary_search(links.begin(), links.end(), link)) continue;
      return no(look.name(node) + " is not connected to " + look.name(peer));
    }
  }
  return yes();
}

Finding look_diameter(const Look& look) {
  if (look.live.empty()) return none_running();
  const Graph graph(look.view.node_count(), look.view.links());
  const uint64_t count = look.condition.count;
  const auto most = static_cast<uint32_t>(std::min<uint64_t>(count, Graph::kFar - 1));
  const auto far = farther_apart(graph, look.live, most);
  if (!far) return yes();
  const uint32_t steps = graph.distances(far->first)[far->second];
  const std::string ends = look.name(far->first) + " to " + look.name(far->second);
  if (steps == Graph::kFar) return no("no path leads from " + ends);
  return no("it is " + counted(steps, "step", "steps") + " from " + ends + ", " + at_most(count));
}

Finding look_degree(const Look& look, bool at_least) {
  if (look.live.empty() && at_least) return none_running();
  const Graph graph(look.view.node_count(), look.view.links());
  const uint64_t count = look.condition.count;
  uint64_t right = 0;
  std::string first_wrong;
  for (const NodeIndex node : look.live) {
    const uint64_t degree = graph.degree(node);
    if (at_least ? degree >= count : degree <= count) {
      ++right;
    } else if (first_wrong.empty()) {
      first_wrong = look.name(node) + " has " +
                    counted(degree, "identified connection", "identified connections") + ", " +
                    (at_least ? asked_for(count) : at_most(count));
    }
  }
  const Share share = look.condition.share;
  if (share.reached_by(right, look.live.size())) return yes();
  if (share == Share()) return no(first_wrong);
  return no(first_wrong + "; it holds for " + std::to_string(right) + " of " +
            counted(look.live.size(), "node", "nodes"));
}

std::string_view state_text(NodeState state) {
  switch (state) {
    case NodeState::down:
      return "is down";
    case NodeState::running:
      return "is running";
    case NodeState::crashed:
      return "has crashed";
  }
  check_failed("a state without a text");
}

Finding look_running(const Look& look, bool running) {
  for (const NodeIndex node : look.nodes) {
    const NodeState state = look.view.state(node);
    if ((state == NodeState::running) != running) {
      return no(look.name(node) + " " + std::string(state_text(state)));
    }
  }
  return yes();
}

}  // namespace

Finding look_at(const Condition& condition, const Scenario& scenario, const View& view) {
  Look look{condition, scenario, view, {}, {}, nodes_of(scenario, condition.peers)};
  if (condition.nodes.empty()) {
    for (NodeIndex node = 0; node < view.node_count(); ++node) {
      if (look.behaviour(node) == Behaviour::honest) look.nodes.push_back(node);
    }
  } else {
    look.nodes = nodes_of(scenario, condition.nodes);
  }
  for (const NodeIndex node : look.nodes) {
    if (view.state(node) == NodeState::running) look.live.push_back(node);
  }
  switch (condition.that) {
    case Claim::connected:
      return look_connected(look);
    case Claim::knows_at_least:
      return look_knows_count(look, true);
    case Claim::knows_at_most:
      return look_knows_count(look, false);
    case Claim::knows:
      return look_knows(look);
    case Claim::holds:
      return look_holds(look);
    case Claim::wants_nothing:
      return look_wants_nothing(look);
    case Claim::no_connection_to:
      return look_no_connection_to(look);
    case Claim::connected_to:
      return look_connected_to(look);
    case Claim::diameter_at_most:
      return look_diameter(look);
    case Claim::degree_at_least:
      return look_degree(look, true);
    case Claim::degree_at_most:
      return look_degree(look, false);
    case Claim::running:
      return look_running(look, true);
    case Claim::not_running:
      return look_running(look, false);
    case Claim::share_of_connections_at_most:
      return look_share_of_connections(look);
    case Claim::honest_neighbours_at_least:
      return look_honest_neighbours(look);
    case Claim::dialled_honest_at_least:
      return look_dialled_honest(look);
    case Claim::dials_per_minute_at_most:
      return look_dials_per_minute(look);
    case Claim::bytes_per_hour_at_most:
      return look_bytes_per_hour(look);
    case Claim::pieces_given_at_least:
      return look_pieces_given(look);
  }
  check_failed("a claim that nobody looks at");
}

}  // namespace p2p::sim
