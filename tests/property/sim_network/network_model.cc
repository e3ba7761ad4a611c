#include "tests/property/sim_network/network_model.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "engine/content/tree.h"
#include "engine/core/limits.h"
#include "tests/property/sim_network/network_fates.h"

namespace p2p::property {

namespace {

using namespace sim;

// So many others are all dialled, and so known; those of one host at two addresses each.
constexpr size_t kAllDialled = Limits().dialled_neighbours;

using Component = std::vector<size_t>;

// Whether two contents may be of the same bytes, or are one.
bool may_be_same(const Content& a, const Content& b) {
  constexpr uint64_t kFewBytes = 8;
  return a.id == b.id || (a.size == b.size && a.size <= kFewBytes);
}

class Model {
 public:
  explicit Model(const Scenario& scenario);

  std::optional<Duration> rest() const { return rest_; }
  std::vector<Demand> demands() const;
  std::optional<Needed> needed() const;

 private:
  void find_rest();
  bool follows_condition();

  template <class In, class Linked>
  std::vector<Component> components(In in, Linked linked) const;
  std::vector<Component> together() const;
  std::vector<Component> touching() const;
  size_t addresses_of(const Component& component) const;
  template <class Meet>
  std::set<size_t> reached(const Component& component, const std::set<std::string>& contents,
                           std::set<size_t> having, Meet do_meet) const;
  std::set<size_t> getting(const std::string& content, bool all_found) const;
  std::set<size_t> ever_having(const Content& content) const;

  void demand(std::vector<Demand>& demands, Claim claim, const std::vector<size_t>& nodes,
              Duration by) const;
  void add_links(std::vector<Demand>& demands) const;
  void add_limits(std::vector<Demand>& demands) const;
  void add_arrivals(std::vector<Demand>& demands, bool all_found) const;
  void add_absences(std::vector<Demand>& demands) const;

  const Scenario& scenario_;
  Fates fates_;
  std::string witnessed_;  // the content that they have when the condition holds
  std::set<size_t> witnesses_;
  std::optional<Duration> rest_;
  std::optional<Duration> found_;  // when all of a component know whom they can reach
};

Model::Model(const Scenario& scenario) : scenario_(scenario), fates_(scenario) {
  find_rest();
  if (rest_ && !follows_condition()) rest_.reset();
  if (rest_ && *rest_ > scenario.stop) rest_.reset();
  if (!rest_) return;
  if (fates_.is_undisturbed()) {
    found_ = rest_;
  } else if (fates_.are_all_honest() && *rest_ + kFinding <= scenario.stop) {
    found_ = *rest_ + kFinding;
  }
}

void Model::find_rest() {
  std::optional<Duration> last_heal;
  for (const ScriptedEvent& event : scenario_.events) {
    if (event.deed == Deed::heal && !event.when)
      last_heal = std::max(last_heal.value_or(event.at), event.at);
  }
  for (const ScriptedEvent& event : scenario_.events) {
    if (event.deed == Deed::disk) return;
    if (lasts_until_healed(event.deed) && !event.lasts && (!last_heal || *last_heal < event.at)) {
      return;
    }
  }
  if (scenario_.swarm) return;
  rest_ = fates_.last() + kSettling;
}

// One condition is understood: when somebody holds a content, somebody else ends for ever.
bool Model::follows_condition() {
  const ScriptedEvent* conditional = nullptr;
  for (const ScriptedEvent& event : scenario_.events) {
    if (!event.when) continue;
    if (conditional != nullptr) return false;
    conditional = &event;
  }
  if (conditional == nullptr) return true;
  const Condition& when = *conditional->when;
  if (!ends_for_ever(*conditional) || when.that != Claim::holds) return false;
  const auto getters = getting(when.content, fates_.is_undisturbed());
  for (const size_t node : fates_.named(when.nodes)) {
    // What it has is not durable at once, so it is to run on.
    if (!getters.contains(node) || !fates_.node(node).left_alone) return false;
    witnesses_.insert(node);
  }
  for (const size_t node : fates_.named(conditional->nodes)) fates_.end(node, conditional->deed);
  witnessed_ = when.content;
  rest_ = *rest_ + kSettling;
  return true;
}

// Of the nodes that are `in`; each in ascending order.
template <class In, class Linked>
std::vector<Component> Model::components(In in, Linked linked) const {
  Joined joined(fates_.size());
  for (size_t a = 0; a < fates_.size(); ++a) {
    for (size_t b = 0; b < fates_.size(); ++b) {
      if (a != b && in(a) && in(b) && linked(a, b)) joined.join(a, b);
    }
  }
  std::map<size_t, Component> by_root;
  for (size_t node = 0; node < fates_.size(); ++node) {
    if (in(node)) by_root[joined.root(node)].push_back(node);
  }
  std::vector<Component> found;
  for (auto& [root, component] : by_root) found.push_back(std::move(component));
  return found;
}

std::vector<Component> Model::together() const {
  return components(
      [&](size_t node) { return fates_.node(node).live(); },
      [&](size_t a, size_t b) { return fates_.bootstraps(a, b) || fates_.met_before(a, b); });
}

// Who may ever hear of each other.
std::vector<Component> Model::touching() const {
  return components([&](size_t node) { return fates_.node(node).ever_ran; },
                    [&](size_t a, size_t b) { return fates_.bootstraps(a, b); });
}

// Contents.

bool meet(const std::set<std::string>& some, const std::set<std::string>& others) {
  return std::any_of(some.begin(), some.end(),
                     [&](const std::string& id) { return others.contains(id); });
}

// Who of the component has one of the contents in the end, if `having` have one.
template <class Meet>
std::set<size_t> Model::reached(const Component& component, const std::set<std::string>& contents,
                                std::set<size_t> having, Meet do_meet) const {
  for (bool more = true; more;) {
    more = false;
    for (const size_t node : component) {
      if (having.contains(node) || !meet(fates_.node(node).wants, contents)) continue;
      const bool in_reach = std::any_of(component.begin(), component.end(), [&](size_t other) {
        return having.contains(other) && do_meet(node, other);
      });
      if (!in_reach) continue;
      having.insert(node);
      more = true;
    }
  }
  return having;
}

// Those that run at the end and have it then; before all have found each other only along bootstrap
// nodes.
std::set<size_t> Model::getting(const std::string& content, bool all_found) const {
  const auto do_meet = [&](size_t a, size_t b) {
    return all_found ? can_meet(fates_.node(a), fates_.node(b))
                     : fates_.bootstraps(a, b) || fates_.bootstraps(b, a);
  };
  std::set<size_t> all;
  for (const Component& component : together()) {
    std::set<size_t> having;
    for (const size_t node : component) {
      const bool witness = witnessed_ == content && witnesses_.contains(node);
      if (witness || fates_.node(node).kept.contains(content)) having.insert(node);
    }
    all.merge(reached(component, {content}, std::move(having), do_meet));
  }
  return all;
}

std::set<size_t> Model::ever_having(const Content& content) const {
  std::set<std::string> contents;
  for (const Content& other : scenario_.contents) {
    if (may_be_same(content, other)) contents.insert(other.id);
  }
  std::set<size_t> all;
  for (const Component& component : touching()) {
    std::set<size_t> having;
    for (const size_t node : component) {
      if (meet(fates_.node(node).ever, contents)) having.insert(node);
    }
    all.merge(reached(component, contents, std::move(having), [this](size_t a, size_t b) {
      return can_meet(fates_.node(a), fates_.node(b));
    }));
  }
  return all;
}

// Demands.

void Model::demand(std::vector<Demand>& demands, Claim claim, const std::vector<size_t>& nodes,
                   Duration by) const {
  Demand demand;
  demand.expectation.condition.that = claim;
  demand.expectation.condition.nodes = fates_.set_of(nodes);
  demand.expectation.by = by;
  demand.expectation.stays = true;
  demands.push_back(std::move(demand));
}

size_t Model::addresses_of(const Component& component) const {
  return static_cast<size_t>(
             std::count_if(component.begin(), component.end(),
                           [&](size_t node) { return !fates_.node(node).group->host.empty(); })) +
         component.size();
}

void Model::add_links(std::vector<Demand>& demands) const {
  for (const Component& component : together()) {
    if (component.size() < 2) continue;
    demand(demands, Claim::connected, component, *rest_);
    if (!found_ || !fates_.are_all_honest() || addresses_of(component) > kAllDialled + 1) continue;
    Component accepting;
    for (const size_t node : component) {
      if (fates_.node(node).group->inbound) accepting.push_back(node);
    }
    if (accepting.empty()) continue;
    demand(demands, Claim::knows, component, *found_);
    demands.back().expectation.condition.peers = fates_.set_of(accepting);
  }
}

// From the first second on nobody is connected with, or knows of, anybody out of reach.
void Model::add_limits(std::vector<Demand>& demands) const {
  for (const Component& component : touching()) {
    Component honest;
    for (const size_t node : component) {
      if (fates_.node(node).honest()) honest.push_back(node);
    }
    if (honest.empty()) continue;
    demand(demands, Claim::knows_at_most, honest, Duration::seconds(1));
    demands.back().expectation.condition.count = component.size() - 1;
    Component others;
    for (size_t node = 0; node < fates_.size(); ++node) {
      if (!std::binary_search(component.begin(), component.end(), node)) others.push_back(node);
    }
    if (others.empty()) continue;
    demand(demands, Claim::no_connection_to, honest, Duration::seconds(1));
    demands.back().expectation.condition.peers = fates_.set_of(others);
  }
}

void Model::add_arrivals(std::vector<Demand>& demands, bool all_found) const {
  const Duration by = all_found ? *found_ : *rest_;
  std::vector<std::set<std::string>> lacking;
  for (const Fate& fate : fates_.all()) lacking.push_back(fate.wants);
  for (const Content& content : scenario_.contents) {
    const auto having = getting(content.id, all_found);
    for (const size_t node : having) lacking[node].erase(content.id);
    if (having.empty()) continue;
    demand(demands, Claim::holds, {having.begin(), having.end()}, by);
    demands.back().expectation.condition.content = content.id;
  }
  std::vector<size_t> satisfied;
  for (size_t node = 0; node < fates_.size(); ++node) {
    const Fate& fate = fates_.node(node);
    if (fate.live() && !fate.wants.empty() && lacking[node].empty()) satisfied.push_back(node);
  }
  if (!satisfied.empty()) demand(demands, Claim::wants_nothing, satisfied, by);
}

void Model::add_absences(std::vector<Demand>& demands) const {
  for (const Content& content : scenario_.contents) {
    const auto having = ever_having(content);
    for (size_t node = 0; node < fates_.size(); ++node) {
      const Fate& fate = fates_.node(node);
      const bool wants = fate.honest() && fate.ever_ran && fate.wants.contains(content.id);
      if (!wants || having.contains(node)) continue;
      demand(demands, Claim::holds, {node}, scenario_.stop);
      demands.back().expectation.condition.content = content.id;
      demands.back().expectation.stays = false;
      demands.back().met = false;
    }
  }
}

std::vector<Demand> Model::demands() const {
  std::vector<Demand> demands;
  add_limits(demands);
  add_absences(demands);
  if (!rest_) return demands;
  add_links(demands);
  if (found_) add_arrivals(demands, true);
  if (found_ != rest_) add_arrivals(demands, false);
  return demands;
}

// The bytes of a content's pieces, without the zeros at the end of each.
uint64_t carried_bytes(uint64_t size, PieceSize piece_size) {
  if (size <= inline_max(piece_size)) return kNodeHeaderSize + size;
  uint64_t bytes = size;
  uint64_t below = (size + piece_size.bytes() - 1) / piece_size.bytes();
  while (below > 1 || bytes == size) {
    const uint64_t nodes = (below + children_max(piece_size) - 1) / children_max(piece_size);
    bytes += nodes * kNodeHeaderSize + below * Digest::kSize;
    below = nodes;
  }
  return bytes;
}

std::optional<Needed> Model::needed() const {
  const auto is_calm = [](const auto& event) { return is_harmless(event.deed) && !event.when; };
  if (!rest_ || !std::all_of(scenario_.events.begin(), scenario_.events.end(), is_calm)) {
    return std::nullopt;
  }
  if (!fates_.are_all_honest()) return std::nullopt;
  Needed needed;
  for (const Content& content : scenario_.contents) {
    const auto having = getting(content.id, true);
    const auto ever = ever_having(content);
    const uint64_t bytes = carried_bytes(content.size, scenario_.piece_size);
    for (size_t node = 0; node < fates_.size(); ++node) {
      if (!fates_.node(node).wants.contains(content.id) || !ever.contains(node)) continue;
      if (!having.contains(node)) return std::nullopt;
      needed.bytes += bytes;
      needed.largest = std::max(needed.largest, bytes);
      ++needed.transfers;
    }
  }
  return needed;
}

std::set<std::pair<std::string, uint32_t>> listed(const NodeSet& set) {
  std::set<std::pair<std::string, uint32_t>> nodes;
  for (const NodeRange& range : set) {
    for (uint32_t i = range.first; i <= range.last; ++i) nodes.emplace(range.group, i);
  }
  return nodes;
}

bool is_within(const NodeSet& part, const NodeSet& whole) {
  const auto nodes = listed(part);
  const auto all = listed(whole);
  return std::includes(all.begin(), all.end(), nodes.begin(), nodes.end());
}

}  // namespace

std::vector<Demand> demands_of(const Scenario& scenario) { return Model(scenario).demands(); }

bool is_among(const Demand& demand, const std::vector<Demand>& demands) {
  const Condition& condition = demand.expectation.condition;
  return std::any_of(demands.begin(), demands.end(), [&](const Demand& other) {
    const Condition& more = other.expectation.condition;
    return demand.met == other.met && condition.that == more.that &&
           condition.content == more.content && condition.count >= more.count &&
           (!demand.met || other.expectation.by <= demand.expectation.by) &&
           !condition.nodes.empty() && is_within(condition.nodes, more.nodes) &&
           is_within(condition.peers, more.peers);
  });
}

std::optional<Duration> rest_of(const Scenario& scenario) { return Model(scenario).rest(); }

std::optional<Needed> needed_by(const Scenario& scenario) { return Model(scenario).needed(); }

}  // namespace p2p::property
