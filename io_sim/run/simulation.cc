// The loop of a run, and what it comes to.
#include "io_sim/run/simulation.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "io_sim/check/conditions.h"
#include "io_sim/run/layout.h"
#include "io_sim/scenario/keyed_seed.h"

namespace p2p::sim {

Simulation::Simulation(const Scenario& scenario, const RunOptions& options)
    : scenario_(scenario),
      seed_(options.seed.value_or(scenario.seed)),
      stop_(options.until.value_or(scenario.stop)),
      network_(queue_, scenario.network, seed_),
      contents_(scenario.contents.size()),
      expectations_(scenario),
      each_second_(options.each_second),
      trace_(options.trace),
      recorder_(options.recording, stop_) {
  set_up();
}

Simulation::~Simulation() = default;

void Simulation::set_up() {
  std::vector<NodeFacts> facts =
      lay_out(scenario_, [this](const std::string& id) { return content(content_index(id)).root; });
  nodes_.resize(facts.size());
  for (NodeIndex node = 0; node < nodes_.size(); ++node) {
    by_endpoint_.emplace(facts[node].endpoint, node);
    dials_.add_host(facts[node].endpoint.address);
    nodes_[node].facts = std::move(facts[node]);
    attach(node);
    supply(node);
  }
  invariants_ = std::make_unique<Invariants>(scenario_, *this);
  recorder_.begin(*this);
  for (NodeIndex node = 0; node < nodes_.size(); ++node) {
    const NodeGroup& group = scenario_.nodes[nodes_[node].facts.group];
    if (!group.started) continue;
    plan(group.start_at + group.start_every * nodes_[node].facts.in_group,
         [this, node] { start(node); });
  }
  for (const ScriptedEvent& event : scenario_.events) {
    if (event.when) {
      conditional_.push_back(&event);
    } else {
      plan(event.at, [this, &event] { carry_out(event); });
    }
  }
  for (const Expectation& expectation : scenario_.expectations) {
    queue_.at(Time() + expectation.by, {TaskKind::second, 1, 0});
  }
  queue_.at(Time() + Duration::seconds(1), {TaskKind::second, 0, 0});
}

void Simulation::attach(NodeIndex node) {
  const NodeFacts& facts = nodes_[node].facts;
  const NodeGroup& group = scenario_.nodes[facts.group];
  Attachment attachment;
  attachment.key = mixed(0, facts.name);
  attachment.endpoint = facts.endpoint;
  attachment.inbound = facts.inbound;
  attachment.bandwidth = group.bandwidth;
  attachment.latency = group.latency;
  network_.attach(attachment);
}

// The disk, and what is on it from the beginning.
void Simulation::supply(NodeIndex node) {
  Node& there = nodes_[node];
  const NodeGroup& group = scenario_.nodes[there.facts.group];
  there.clock = NodeClock(group.clock);
  there.disk = std::make_unique<SimDisk>(group.disk, keyed_seed(seed_, "disk", there.facts.name),
                                         pool_, scenario_.piece_size.bytes());
  for (const std::string& id : group.shares) {
    for (const Digest& digest : content(content_index(id)).pieces) there.disk->put(digest);
    there.shares.push_back(content_index(id));
  }
  for (const std::string& id : group.wants) {
    content(content_index(id));
    there.wants.push_back(content_index(id));
  }
  if (!group.demo) return;
  auto& pieces = demo_pieces_[group.demo->pool];
  if (pieces.empty()) {
    pieces = make_demo_pieces(group.demo->pool, scenario_.piece_size, pool_);
  }
  Random random(keyed_seed(seed_, "demo", there.facts.name));
  const DemoChoice choice = choose_demo(*group.demo, random);
  for (const uint32_t number : choice.have) there.disk->put(pieces[number]);
  for (const uint32_t number : choice.want) there.demo_wants.push_back(pieces[number]);
}

size_t Simulation::content_index(const std::string& id) const {
  for (size_t i = 0; i < scenario_.contents.size(); ++i) {
    if (scenario_.contents[i].id == id) return i;
  }
  check_failed("a content that the scenario doesn't have");
}

const MadeContent& Simulation::content(size_t index) {
  auto& made = contents_[index];
  if (!made) {
    made = make_content(scenario_.contents[index], scenario_.piece_size, seed_, pool_);
  }
  return *made;
}

void Simulation::plan(Duration when, std::function<void()> what) {
  plans_.push_back(std::move(what));
  queue_.at(std::max(Time() + when, queue_.now()), {TaskKind::deed, 0, plans_.size() - 1});
}

Result Simulation::run() {
  const Time end = Time() + stop_;
  while (!over_) {
    const auto task = queue_.pop(end);
    if (!task) break;
    run_task(*task);
    over_ = over_ || invariants_->violation().has_value();
  }
  if (!invariants_->violation()) {
    expectations_.look(*this);
    invariants_->end_of_run();
  }
  recorder_.end(*this, payload_bytes_, control_bytes_);
  return result();
}

void Simulation::run_task(const Task& task) {
  Node* const node = task.who < nodes_.size() ? &nodes_[task.who] : nullptr;
  switch (task.kind) {
    case TaskKind::wake:
      if (node->world) node->world->on_wake();
      return;
    case TaskKind::complete:
      if (node->world) node->world->on_complete(task.what);
      return;
    case TaskKind::raw_timer:
      if (node->raw) node->raw->on_timer(task.what);
      return;
    case TaskKind::died:
      if (node->state == NodeState::running) end_process(task.who, NodeState::down);
      return;
    case TaskKind::deed: {
      // Moved out: what is done may plan more.
      const auto what = std::move(plans_[task.what]);
      return what();
    }
    case TaskKind::second:
      if (task.who == 1) {
        expectations_.look(*this);
        over_ = over_ || expectations_.failed();
        return;
      }
      return on_second();
    case TaskKind::syn:
    case TaskKind::syn_arrived:
    case TaskKind::syn_answered:
    case TaskKind::syn_refused:
    case TaskKind::arrive:
    case TaskKind::deliver:
    case TaskKind::fin:
    case TaskKind::reset:
    case TaskKind::ready:
    case TaskKind::uplink:
    case TaskKind::release:
    case TaskKind::give_up:
      return network_.run(task);
  }
}

void Simulation::on_second() {
  queue_.after(Duration::seconds(1), {TaskKind::second, 0, 0});
  invariants_->second();
  const auto due = std::stable_partition(conditional_.begin(), conditional_.end(),
                                         [this](const ScriptedEvent* event) {
                                           return !look_at(*event->when, scenario_, *this).holds;
                                         });
  const std::vector<const ScriptedEvent*> now_due(due, conditional_.end());
  conditional_.erase(due, conditional_.end());
  for (const ScriptedEvent* event : now_due) carry_out(*event);
  expectations_.look(*this);
  over_ = over_ || expectations_.failed();
  if (each_second_) each_second_(*this);
  recorder_.second(*this, payload_bytes_, control_bytes_);
}

Result Simulation::result() {
  Result result;
  result.scenario = scenario_.name;
  result.seed = seed_;
  result.virtual_time = queue_.now() - Time();
  result.events = events_;
  result.nodes = nodes_.size();
  result.trace_hash = trace_.hash().hex();
  result.expectations = expectations_.results();
  result.violated = invariants_->violation();
  result.payload_bytes = payload_bytes_;
  result.control_bytes = control_bytes_;
  const bool unmet = std::any_of(result.expectations.begin(), result.expectations.end(),
                                 [](const auto& expectation) { return !expectation.met_at; });
  result.verdict = result.violated ? Verdict::violated : unmet ? Verdict::unmet : Verdict::pass;
  return result;
}

}  // namespace p2p::sim
