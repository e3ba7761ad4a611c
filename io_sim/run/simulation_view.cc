// What expectations, invariants and reports may see.
#include <algorithm>

#include "io_sim/run/simulation.h"

namespace p2p::sim {

std::optional<NodeIndex> Simulation::node_at(const Endpoint& endpoint) const {
  const auto found = by_endpoint_.find(endpoint);
  if (found == by_endpoint_.end()) return std::nullopt;
  return found->second;
}

Status Simulation::status(NodeIndex node) const { return nodes_[node].engine->status(); }

Totals Simulation::totals(NodeIndex node) const { return nodes_[node].engine->totals(); }

template <class Found>
void Simulation::for_each_link(Found found) const {
  for (size_t i = 0; i + 1 < ends_.size(); i += 2) {
    const EndState& a = ends_[i];
    const EndState& b = ends_[i + 1];
    if (!a.there || !b.there || !a.identified || !b.identified) continue;
    if (a.facts.connection != b.facts.connection) continue;
    if (a.facts.node == b.facts.node) continue;
    found(a, b);
  }
}

std::vector<std::pair<NodeIndex, NodeIndex>> Simulation::links() const {
  std::vector<std::pair<NodeIndex, NodeIndex>> links;
  for_each_link([&](const EndState& a, const EndState& b) {
    links.emplace_back(std::min(a.facts.node, b.facts.node), std::max(a.facts.node, b.facts.node));
  });
  std::sort(links.begin(), links.end());
  links.erase(std::unique(links.begin(), links.end()), links.end());
  return links;
}

std::vector<std::pair<NodeIndex, NodeIndex>> Simulation::dialled_links() const {
  std::vector<std::pair<NodeIndex, NodeIndex>> links;
  for_each_link([&](const EndState& a, const EndState& b) {
    const bool a_dialled = !a.facts.conn.is_accepted();
    links.emplace_back(a_dialled ? a.facts.node : b.facts.node,
                       a_dialled ? b.facts.node : a.facts.node);
  });
  std::sort(links.begin(), links.end());
  links.erase(std::unique(links.begin(), links.end()), links.end());
  return links;
}

uint64_t Simulation::dials_last_minute(NodeIndex node) const {
  return dials_.last_minute(nodes_[node].facts.endpoint.address, queue_.now());
}

uint64_t Simulation::bytes_last_hour(NodeIndex node) const {
  return nodes_[node].bytes.last_hour(queue_.now());
}

bool Simulation::holds(NodeIndex node, size_t content) const {
  const auto& made = contents_[content];
  if (!made) return false;
  return std::all_of(made->pieces.begin(), made->pieces.end(),
                     [&](const Digest& digest) { return nodes_[node].disk->holds(digest); });
}

uint64_t Simulation::pieces_held(NodeIndex node) const { return nodes_[node].disk->size(); }

// A node without an engine (an original, or one that is down) wants what its disk lacks.
bool Simulation::wants_nothing(NodeIndex node) const {
  const Node& there = nodes_[node];
  if (there.engine == nullptr) {
    return std::all_of(there.wants.begin(), there.wants.end(),
                       [&](size_t content) { return holds(node, content); }) &&
           std::all_of(there.demo_wants.begin(), there.demo_wants.end(),
                       [&](const Digest& digest) { return there.disk->holds(digest); });
  }
  const bool done = std::all_of(there.fetches.begin(), there.fetches.end(),
                                [](const Fetch& fetch) { return fetch.done; });
  return done && there.engine->totals().pieces_wanted == 0;
}

std::optional<Time> Simulation::fetched_at(NodeIndex node) const {
  std::optional<Time> last;
  for (const Fetch& fetch : nodes_[node].fetches) {
    if (!fetch.done) return std::nullopt;
    last = std::max(last.value_or(fetch.done_at), fetch.done_at);
  }
  return last;
}

}  // namespace p2p::sim
