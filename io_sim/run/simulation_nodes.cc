// Nodes of a run: how they start, what they are told, how they end.
#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "engine/base/check.h"
#include "io_sim/run/layout.h"
#include "io_sim/run/simulation.h"
#include "io_sim/scenario/keyed_seed.h"

namespace p2p::sim {

void Simulation::start(NodeIndex node) {
  Node& there = nodes_[node];
  if (there.state == NodeState::running) {
    there.start_when_down = there.stopping;
    return;
  }
  if (there.state == NodeState::crashed) network_.recover(node);
  there.state = NodeState::running;
  there.since = queue_.now();
  there.stopping = there.start_when_down = false;
  ++there.starts;
  trace_.deed(queue_.now(), node, there.facts.name, "start");
  if (honest(node)) {
    start_engine(node);
  } else {
    start_raw(node);
  }
}

void Simulation::start_engine(NodeIndex node) {
  Node& there = nodes_[node];
  const std::string& name = there.facts.name;
  Config config = there.facts.config;
  config.nonce = keyed_seed(seed_, "nonce", name, there.starts).value;
  there.engine =
      std::make_unique<Engine>(std::move(config), keyed_seed(seed_, "engine", name, there.starts),
                               there.clock.local(queue_.now()));
  there.world = std::make_unique<EngineWorld<Engine>>(
      EngineWorld<Engine>::Surroundings{queue_, network_, *there.disk, this}, node, there.starts,
      there.clock, *there.engine);
  network_.set_station(node, there.world.get());
  there.fetches.clear();
  Started started{there.disk->held()};
  read_book(node, started);
  invariants_->started(node, started.held);
  there.world->tell(std::move(started));
  if (!there.demo_wants.empty()) {
    there.world->tell(FetchPieces{FetchId{0}, there.demo_wants});
  }
  for (const size_t content_shared : there.shares) serve(node, content_shared);
  for (const size_t content_wanted : there.wants) want(node, content_wanted);
}

// As the Linux world does (io_linux/store/book_file.h).
void Simulation::read_book(NodeIndex node, Started& started) {
  Node& there = nodes_[node];
  const auto& file = there.disk->book();
  if (!file) return;
  auto decoded = decode_book(file->bytes.bytes());
  if (const auto* why = std::get_if<std::string>(&decoded)) {
    trace_.deed(queue_.now(), node, there.facts.name, "sets its address book aside: " + *why);
    there.disk->set_book_aside();
    return;
  }
  started.book = std::get<SavedBook>(std::move(decoded));
  started.book_age = std::max(Duration(), there.clock.local(queue_.now()) - file->saved);
}

void Simulation::start_raw(NodeIndex node) {
  Node& there = nodes_[node];
  const NodeGroup& group = scenario_.nodes[there.facts.group];
  RawFacts facts;
  facts.endpoint = there.facts.endpoint;
  for (const NodeIndex other : nodes_of(scenario_, group.bootstrap)) {
    if (other != node) {
      facts.bootstrap.push_back(reachable_at(nodes_[other].facts, there.facts));
    }
  }
  if (there.facts.behaviour == Behaviour::false_places) {
    for (const Node& other : nodes_) {
      const bool is_one = other.facts.behaviour == there.facts.behaviour && &other != &there;
      if (is_one) facts.accomplices.push_back(reachable_at(other.facts, there.facts));
    }
  }
  facts.piece_size = scenario_.piece_size;
  facts.inbound = there.facts.inbound;
  facts.held = there.disk->held();
  facts.wanted = there.demo_wants;
  for (const size_t index : there.wants) {
    const auto& pieces = content(index).pieces;
    facts.wanted.insert(facts.wanted.end(), pieces.begin(), pieces.end());
  }
  facts.named = named_by(there.facts.group);
  WorldObserver& watcher = *this;
  there.raw = std::make_unique<RawWorld>(queue_, network_, *there.disk, watcher, node, there.starts,
                                         std::move(facts),
                                         keyed_seed(seed_, "raw", there.facts.name, there.starts),
                                         make_raw_peer(there.facts.behaviour));
  network_.set_station(node, there.raw.get());
  there.raw->start();
}

// One list for all nodes of a group, as there may be thousands of both.
std::shared_ptr<const std::vector<Endpoint>> Simulation::named_by(uint32_t group) {
  auto& named = named_by_[group];
  if (named) return named;
  const NodeGroup& there = scenario_.nodes[group];
  const NodeSet own{{there.id, 0, there.count - 1}};
  std::vector<Endpoint> endpoints;
  for (const NodeIndex node : nodes_of(scenario_, there.names.empty() ? own : there.names)) {
    endpoints.push_back(nodes_[node].facts.endpoint);
  }
  std::sort(endpoints.begin(), endpoints.end());
  named = std::make_shared<const std::vector<Endpoint>>(std::move(endpoints));
  return named;
}

void Simulation::want(NodeIndex node, size_t index) {
  Node& there = nodes_[node];
  const FetchId id{there.fetches.size() + 1};
  there.fetches.push_back({id, index, false, Time()});
  there.world->tell(FetchContent{id, content(index).root, false});
}

void Simulation::share(NodeIndex node, size_t index) {
  Node& there = nodes_[node];
  for (const Digest& digest : content(index).pieces) {
    if (there.disk->holds(digest)) continue;
    there.disk->put(digest);
    if (there.world) there.world->tell(PieceAdded{digest});
  }
  there.shares.push_back(index);
  if (there.world && !there.stopping) serve(node, index);
}

// What its disk has lost meanwhile it doesn't offer.
void Simulation::serve(NodeIndex node, size_t index) {
  Node& there = nodes_[node];
  const MadeContent& made = content(index);
  const bool whole = std::all_of(made.pieces.begin(), made.pieces.end(),
                                 [&](const Digest& piece) { return there.disk->holds(piece); });
  if (whole) there.world->tell(ServeContent{made.root});
}

void Simulation::tell_raw_of(NodeIndex node, size_t index, bool wanted) {
  Node& there = nodes_[node];
  const std::vector<Digest>& pieces = content(index).pieces;
  if (!wanted) {
    for (const Digest& digest : pieces) there.disk->put(digest);
  }
  if (!there.raw) return;
  there.raw->tell(wanted ? std::vector<Digest>() : pieces, wanted ? pieces : std::vector<Digest>());
}

// In order; a node of another kind has no order.
void Simulation::stop(NodeIndex node) {
  Node& there = nodes_[node];
  if (there.state != NodeState::running || there.stopping) return;
  if (!there.world) return end_process(node, NodeState::down);
  there.stopping = true;
  trace_.deed(queue_.now(), node, there.facts.name, "stop");
  there.world->tell(ShutDown{});
}

// The process is gone: its connections are closed, or have vanished with its host.
void Simulation::end_process(NodeIndex node, NodeState after) {
  Node& there = nodes_[node];
  P2P_CHECK(there.state == NodeState::running);
  const std::string why = there.raw ? there.raw->death() : std::string();
  trace_.deed(queue_.now(), node, there.facts.name, why.empty() ? "ended" : "died: " + why);
  if (!why.empty()) {
    const Duration at = queue_.now() - Time();
    recorder_.fault(at, at, there.facts.name + " died: " + why, true);
  }
  forget_ends(node);
  if (after == NodeState::crashed) {
    network_.crash(node);
  } else {
    network_.close_all(node);
  }
  network_.set_station(node, nullptr);
  there.world.reset();
  there.engine.reset();
  there.raw.reset();
  there.state = after;
  there.since = queue_.now();
  there.stopping = false;
  invariants_->ended(node);
  if (std::exchange(there.start_when_down, false)) start(node);
}

void Simulation::forget_ends(NodeIndex node) {
  for (EndState& end : ends_) {
    if (!end.there || end.facts.node != node) continue;
    if (honest(node)) invariants_->closed(end.facts);
    end.there = false;
  }
}

void Simulation::crash(NodeIndex node, DiskAfter disk) {
  Node& there = nodes_[node];
  if (there.state == NodeState::crashed) return;
  if (there.state == NodeState::running) {
    end_process(node, NodeState::crashed);
  } else {
    network_.crash(node);
    there.state = NodeState::crashed;
    there.since = queue_.now();
  }
  there.disk->crash(disk);
  if (disk == DiskAfter::wipe) invariants_->wiped(node);
}

}  // namespace p2p::sim
