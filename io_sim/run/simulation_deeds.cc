// What the scenario does to its network.
#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/quantity.h"
#include "io_sim/run/simulation.h"
#include "io_sim/scenario/names.h"

namespace p2p::sim {

namespace {

// What a `restart` waits for between the end and the start where the scenario doesn't say.
constexpr Duration kRestartAfter = Duration::seconds(1);

}  // namespace

void Simulation::say(const ScriptedEvent& event) {
  std::string what(name_of(deed_names(), event.deed));
  const auto add_nodes = [&](const NodeSet& set) {
    for (const NodeRange& range : set) {
      const auto group = std::find_if(scenario_.nodes.begin(), scenario_.nodes.end(),
                                      [&](const NodeGroup& g) { return g.id == range.group; });
      what += " " + node_range_text(range, group->single);
    }
  };
  add_nodes(event.nodes);
  if (!event.peers.empty()) what += " and";
  add_nodes(event.peers);
  for (size_t i = 0; i < event.groups.size(); ++i) {
    if (i > 0) what += event.oneway && i == 1 ? " ->|" : " |";
    add_nodes(event.groups[i]);
  }
  if (event.deed == Deed::disk) what += " " + std::string(name_of(disk_fault_names(), event.fault));
  if (event.deed == Deed::crash) {
    what += ", disk: " + std::string(name_of(disk_after_names(), event.disk));
  }
  if (!event.content.empty()) what += " " + event.content;
  trace_.deed(queue_.now(), -1, "", what);
  const Duration at = queue_.now() - Time();
  const Duration lasts = event.lasts.value_or(event.restart_after.value_or(Duration()));
  const bool is_fault =
      event.deed != Deed::start && event.deed != Deed::want && event.deed != Deed::share;
  recorder_.fault(at, std::min(at + lasts, stop_), std::move(what), is_fault);
}

void Simulation::carry_out(const ScriptedEvent& event) {
  say(event);
  switch (event.deed) {
    case Deed::partition:
      return partition(event);
    case Deed::heal:
      return heal_all();
    case Deed::link:
      return change_links(event);
    case Deed::clog:
      return clog(event);
    case Deed::reset:
      return network_.reset_connections(nodes_of(scenario_, event.nodes),
                                        nodes_of(scenario_, event.peers));
    case Deed::start:
    case Deed::stop:
    case Deed::kill:
    case Deed::crash:
    case Deed::restart:
    case Deed::want:
    case Deed::share:
    case Deed::disk:
      break;
  }
  Duration when = queue_.now() - Time();
  for (const NodeIndex node : nodes_of(scenario_, event.nodes)) {
    if (event.every > Duration()) {
      plan(when, [this, node, &event] { carry_out_on(node, event); });
      when = when + event.every;
    } else {
      carry_out_on(node, event);
    }
  }
}

void Simulation::carry_out_on(NodeIndex node, const ScriptedEvent& event) {
  std::optional<Duration> start_after = event.restart_after;
  switch (event.deed) {
    case Deed::start:
      return start(node);
    case Deed::stop:
      stop(node);
      break;
    case Deed::kill:
      if (nodes_[node].state == NodeState::running) end_process(node, NodeState::down);
      break;
    case Deed::crash:
      crash(node, event.disk);
      break;
    case Deed::restart:
      stop(node);
      if (!start_after) start_after = kRestartAfter;
      break;
    case Deed::want: {
      const size_t index = content_index(event.content);
      nodes_[node].wants.push_back(index);
      if (!honest(node)) return tell_raw_of(node, index, true);
      if (nodes_[node].world && !nodes_[node].stopping) want(node, index);
      return;
    }
    case Deed::share:
      if (!honest(node)) return tell_raw_of(node, content_index(event.content), false);
      return share(node, content_index(event.content));
    case Deed::disk:
      return disk_fault(node, event);
    case Deed::partition:
    case Deed::heal:
    case Deed::link:
    case Deed::reset:
    case Deed::clog:
      return;
  }
  if (start_after) {
    plan((queue_.now() - Time()) + *start_after, [this, node] { start(node); });
  }
}

void Simulation::partition(const ScriptedEvent& event) {
  std::vector<std::vector<uint32_t>> groups;
  for (const NodeSet& set : event.groups) groups.push_back(nodes_of(scenario_, set));
  const auto id = network_.blockades().partition(groups, nodes_.size(), event.oneway);
  if (!event.lasts) return;
  plan((queue_.now() - Time()) + *event.lasts, [this, id] {
    network_.blockades().lift(id);
    network_.blockades_lifted(false);
  });
}

void Simulation::clog(const ScriptedEvent& event) {
  const auto id = network_.blockades().clog(nodes_of(scenario_, event.nodes),
                                            nodes_of(scenario_, event.peers), nodes_.size());
  if (!event.lasts) return;
  plan((queue_.now() - Time()) + *event.lasts, [this, id] {
    network_.blockades().lift(id);
    network_.blockades_lifted(true);
  });
}

void Simulation::change_links(const ScriptedEvent& event) {
  LinkChange change{event.latency, event.bandwidth, event.loss};
  const uint64_t id = network_.add_link_change(nodes_of(scenario_, event.nodes), change);
  if (!event.lasts) return;
  plan((queue_.now() - Time()) + *event.lasts, [this, id] { network_.remove_link_change(id); });
}

void Simulation::heal_all() {
  network_.blockades().lift_all();
  network_.remove_link_changes();
  network_.blockades_lifted(false);
}

void Simulation::disk_fault(NodeIndex node, const ScriptedEvent& event) {
  SimDisk& disk = *nodes_[node].disk;
  for (const Digest& digest : disk.fail(event.fault, event.one_in)) {
    invariants_->lost(node, digest);
  }
  if (!event.lasts) return;
  plan((queue_.now() - Time()) + *event.lasts, [&disk] { disk.fail(DiskFault::good, 1); });
}

}  // namespace p2p::sim
