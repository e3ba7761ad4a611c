// What becomes of each node of a scenario: when it runs, what it shares and wants. The part of the
// model (network_model.h) that goes through the events in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "io_sim/scenario/scenario.h"

namespace p2p::property {

// A node of the scenario, and what becomes of it.
struct Fate {
  const sim::NodeGroup* group = nullptr;
  uint32_t index = 0;  // in its group
  bool running = false;
  bool crashed = false;
  bool ever_ran = false;
  bool left_alone = true;      // nothing but its one start happened to it
  std::set<std::string> kept;  // contents that it shares, while its disk is not wiped
  std::set<std::string> ever;  // contents that it shared at some time
  std::set<std::string> wants;

  bool honest() const { return group->behaviour == sim::Behaviour::honest; }
  bool live() const { return running && honest(); }
};

// Whether the one takes connections of the other.
bool accepts_from(const Fate& to, const Fate& from);
bool can_meet(const Fate& a, const Fate& b);

bool is_end(sim::Deed deed);
bool ends_for_ever(const sim::ScriptedEvent& event);
// Starts, wants and shares.
bool is_harmless(sim::Deed deed);
bool lasts_until_healed(sim::Deed deed);

// Sets of numbers that are joined two by two.
class Joined {
 public:
  explicit Joined(size_t size) : parent_(size) { std::iota(parent_.begin(), parent_.end(), 0u); }

  size_t root(size_t i) const {
    while (parent_[i] != i) i = parent_[i];
    return i;
  }
  void join(size_t a, size_t b) { parent_[root(a)] = root(b); }

 private:
  std::vector<size_t> parent_;
};

class Fates {
 public:
  // The scenario outlives it.
  explicit Fates(const sim::Scenario& scenario);

  size_t size() const { return nodes_.size(); }
  const Fate& node(size_t node) const { return nodes_[node]; }
  const std::vector<Fate>& all() const { return nodes_; }
  // When the last thing happens, or ends, that has a time.
  Duration last() const { return last_; }
  // Ascending.
  std::vector<size_t> named(const sim::NodeSet& set) const;
  sim::NodeSet set_of(const std::vector<size_t>& nodes) const;

  bool are_all_honest() const;
  // Nobody is out of reach for so long that another gives up what it has only heard of.
  bool is_undisturbed() const;
  // `node` is given `through`, and could connect to it.
  bool bootstraps(size_t node, size_t through) const;
  // Both have been left alone since they met, before the first node was taken away.
  bool met_before(size_t a, size_t b) const;

  // Does so after all else.
  void end(size_t node, sim::Deed deed);

 private:
  void list_nodes();
  void replay();
  void happen(const sim::ScriptedEvent& event, size_t node);
  void start(size_t node);
  void remember_who_met();
  bool takes_away_only() const;

  const sim::Scenario& scenario_;
  std::vector<Fate> nodes_;
  std::map<std::pair<std::string, uint32_t>, size_t> numbers_;
  std::optional<Joined> met_;
  Duration last_;
};

}  // namespace p2p::property
