#include "tests/property/sim_network/network_fates.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <tuple>

#include "tests/property/sim_network/network_model.h"

namespace p2p::property {

using namespace sim;

bool accepts_from(const Fate& to, const Fate& from) {
  return to.group->inbound || (!to.group->host.empty() && to.group->host == from.group->host);
}
bool can_meet(const Fate& a, const Fate& b) { return accepts_from(a, b) || accepts_from(b, a); }

bool is_end(Deed deed) {
  return deed == Deed::stop || deed == Deed::kill || deed == Deed::crash || deed == Deed::restart;
}
bool is_harmless(Deed deed) {
  return deed == Deed::start || deed == Deed::want || deed == Deed::share;
}
bool ends_for_ever(const ScriptedEvent& event) {
  return is_end(event.deed) && event.deed != Deed::restart && !event.restart_after;
}
bool lasts_until_healed(Deed deed) {
  return deed == Deed::partition || deed == Deed::link || deed == Deed::clog;
}

Fates::Fates(const Scenario& scenario) : scenario_(scenario) {
  list_nodes();
  replay();
}

void Fates::list_nodes() {
  for (const NodeGroup& group : scenario_.nodes) {
    for (uint32_t i = 0; i < group.count; ++i) {
      Fate fate;
      fate.group = &group;
      fate.index = i;
      fate.kept.insert(group.shares.begin(), group.shares.end());
      fate.ever = fate.kept;
      fate.wants.insert(group.wants.begin(), group.wants.end());
      numbers_[{group.id, i}] = nodes_.size();
      nodes_.push_back(std::move(fate));
    }
  }
}

// What happens to single nodes, in the order in which it does.
void Fates::replay() {
  struct Step {
    Duration at;
    size_t order;
    const ScriptedEvent* event;  // nullptr: a start
    size_t node;
    bool operator>(const Step& other) const {
      return std::tie(at, order) > std::tie(other.at, other.order);
    }
  };
  std::priority_queue<Step, std::vector<Step>, std::greater<>> steps;
  size_t order = 0;
  for (size_t node = 0; node < nodes_.size(); ++node) {
    const Fate& fate = nodes_[node];
    if (!fate.group->started) continue;
    const Duration at = fate.group->start_at + fate.group->start_every * fate.index;
    steps.push({at, order++, nullptr, node});
  }
  for (const ScriptedEvent& event : scenario_.events) {
    if (event.when) continue;
    for (const size_t node : named(event.nodes)) steps.push({event.at, order++, &event, node});
    last_ = std::max(last_, event.at + event.lasts.value_or(Duration()));
  }
  bool calm = true;
  Duration last_start;
  while (!steps.empty()) {
    const Step step = steps.top();
    steps.pop();
    last_ = std::max(last_, step.at);
    if (step.event == nullptr || step.event->deed == Deed::start) {
      if (!nodes_[step.node].running) last_start = step.at;
      start(step.node);
      continue;
    }
    const ScriptedEvent& event = *step.event;
    if (is_end(event.deed) && calm) {
      calm = false;
      // All have started, and nobody is gone yet.
      const bool enough = step.at >= last_start + kMeeting;
      if (enough && takes_away_only()) remember_who_met();
    }
    happen(event, step.node);
    if (!is_end(event.deed)) continue;
    if (event.restart_after || event.deed == Deed::restart) {
      const Duration after = event.restart_after.value_or(Duration::seconds(1));
      steps.push({step.at + after, order++, nullptr, step.node});
    }
  }
}

void Fates::happen(const ScriptedEvent& event, size_t node) {
  Fate& fate = nodes_[node];
  if (event.deed == Deed::want) fate.wants.insert(event.content);
  if (event.deed == Deed::share) {
    fate.kept.insert(event.content);
    fate.ever.insert(event.content);
  }
  if (!is_end(event.deed)) return;
  if (event.deed == Deed::crash && event.disk == DiskAfter::wipe && !fate.crashed) {
    fate.kept.clear();
  }
  end(node, event.deed);
}

void Fates::start(size_t node) {
  Fate& fate = nodes_[node];
  if (fate.ever_ran) fate.left_alone = false;
  fate.running = fate.ever_ran = true;
  fate.crashed = false;
}

void Fates::end(size_t node, Deed deed) {
  Fate& fate = nodes_[node];
  fate.running = false;
  fate.left_alone = false;
  if (deed == Deed::crash) fate.crashed = true;
}

void Fates::remember_who_met() {
  met_.emplace(nodes_.size());
  for (size_t a = 0; a < nodes_.size(); ++a) {
    for (size_t b = 0; b < nodes_.size(); ++b) {
      if (nodes_[a].live() && nodes_[b].live() && bootstraps(a, b)) met_->join(a, b);
    }
  }
}

bool Fates::is_undisturbed() const {
  const auto disturbs = [](const ScriptedEvent& event) {
    return lasts_until_healed(event.deed) || (is_end(event.deed) && !ends_for_ever(event));
  };
  return std::none_of(scenario_.events.begin(), scenario_.events.end(), disturbs);
}

bool Fates::takes_away_only() const {
  return std::all_of(scenario_.events.begin(), scenario_.events.end(), [](const auto& event) {
    return !event.when && (ends_for_ever(event) || is_harmless(event.deed));
  });
}

bool Fates::are_all_honest() const {
  return std::all_of(nodes_.begin(), nodes_.end(), [](const Fate& fate) { return fate.honest(); });
}

std::vector<size_t> Fates::named(const NodeSet& set) const {
  std::vector<size_t> nodes;
  for (const NodeRange& range : set) {
    for (uint32_t i = range.first; i <= range.last; ++i) {
      const auto found = numbers_.find({range.group, i});
      if (found != numbers_.end()) nodes.push_back(found->second);
    }
  }
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return nodes;
}

NodeSet Fates::set_of(const std::vector<size_t>& nodes) const {
  NodeSet set;
  for (const size_t node : nodes) {
    const Fate& fate = nodes_[node];
    if (!set.empty() && set.back().group == fate.group->id && set.back().last + 1 == fate.index) {
      ++set.back().last;
    } else {
      set.push_back({fate.group->id, fate.index, fate.index});
    }
  }
  return set;
}

bool Fates::bootstraps(size_t node, size_t through) const {
  const auto given = named(nodes_[node].group->bootstrap);
  return std::binary_search(given.begin(), given.end(), through) &&
         accepts_from(nodes_[through], nodes_[node]);
}

bool Fates::met_before(size_t a, size_t b) const {
  if (!met_ || !nodes_[a].left_alone || !nodes_[b].left_alone) return false;
  return met_->root(a) == met_->root(b) && can_meet(nodes_[a], nodes_[b]);
}

}  // namespace p2p::property
