#include "io_sim/scenario/swarm.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "engine/base/random.h"
#include "io_sim/scenario/keyed_seed.h"
#include "io_sim/scenario/names.h"

namespace p2p::sim {

namespace {

constexpr Duration kShortestFault = Duration::milliseconds(500);
constexpr Duration kLongestDown = Duration::seconds(60);
constexpr Duration kLongestPartition = Duration::seconds(60);
constexpr Duration kLongestLink = Duration::seconds(60);
constexpr Duration kLongestClog = Duration::seconds(30);
constexpr Duration kLongestDiskFault = Duration::seconds(30);
constexpr Duration kLargestOffset = Duration::minutes(int64_t{24} * 60);
constexpr uint64_t kLargestDriftPpm = 200;
constexpr uint64_t kMbit = 1'000'000;

struct Span {
  Duration from;
  Duration to;
};

// Whole milliseconds, as scenario files have no shorter unit.
Duration draw_duration(Random& random, Duration low, Duration high) {
  const auto width = static_cast<uint64_t>((high - low).count_ms());
  return Duration::milliseconds(low.count_ms() + static_cast<int64_t>(random.below(width + 1)));
}

// When a fault is there: within `window`, which is not shorter than the shortest fault.
Span draw_span(Random& random, Span window, Duration longest) {
  const Duration from = draw_duration(random, window.from, window.to - kShortestFault);
  const Duration most = std::min(longest, window.to - from);
  return Span{from, from + draw_duration(random, kShortestFault, most)};
}

bool fits(Span window) { return window.from + kShortestFault <= window.to; }

bool one_of(Random& random, uint64_t so_many) { return random.below(so_many) == 0; }

// An index under `count` that stays the same when `count` changes, if it exists then. Higher ones
// are a little less likely.
uint32_t draw_index(Random& random, uint32_t count) {
  uint32_t index = 0;
  for (unsigned bit = 17; bit-- > 0;) {
    const uint64_t drawn = random.below(uint64_t{2} << bit);
    if (index == 0 && drawn >> bit == 1 && drawn < count) index = static_cast<uint32_t>(drawn);
  }
  return index;
}

struct Node {
  const NodeGroup* group;
  uint32_t index;

  NodeSet set() const { return {NodeRange{group->id, index, index}}; }
  bool operator==(const Node& other) const { return group == other.group && index == other.index; }
};

// How hard a family of faults that strike single nodes does so.
struct Hardness {
  uint64_t percent = 0;  // of the nodes
  uint64_t most_each = 0;
};

class Drawing {
 public:
  Drawing(const Scenario& scenario, uint64_t seed)
      : scenario_(scenario), swarm_(*scenario.swarm), seed_(seed) {}

  bool is_enabled(FaultFamily family) const {
    const auto& families = swarm_.families;
    if (std::find(families.begin(), families.end(), family) == families.end()) return false;
    Random random(keyed_seed(seed_, "family", name(family)));
    return random.below(Probability::kOne) < swarm_.enable_each.parts;
  }

  void draw(FaultFamily family);
  ClockModel clock_of(const NodeGroup& group) const;
  std::vector<ScriptedEvent> in_order();

 private:
  static std::string_view name(FaultFamily family) { return name_of(fault_family_names(), family); }
  Random stream(FaultFamily family, std::string_view whom = {}, uint64_t number = 0) const {
    return Random(keyed_seed(seed_, name(family), whom, number));
  }
  Span window() const { return Span{kFaultsFrom, swarm_.until}; }

  template <class Draw>
  void draw_for_nodes(FaultFamily family, Draw draw);
  Node draw_node(FaultFamily family, std::string_view purpose, Random& random) const;
  NodeSet everybody() const;

  void draw_loss();
  void draw_reset(Random& random, const Node& node);
  void draw_clog(Random& random, const Node& node);
  void draw_partitions();
  std::vector<NodeSet> draw_halves(uint64_t number) const;
  std::vector<NodeSet> draw_single(Random& random) const;
  Span draw_down(Random& random, const Node& node, Span left, FaultFamily family);
  Span draw_disk(Random& random, const Node& node, Span left);
  void draw_link(Random& random, const Node& node);

  bool may_go_down(const Node& node) const;
  bool has_only_copies(const NodeGroup& group) const;

  const Scenario& scenario_;
  const Swarm& swarm_;
  uint64_t seed_;
  std::vector<ScriptedEvent> events_;
};

// For every node that the family strikes: `draw` gets its stream, the node, and what is left of the
// time for it, and returns what is left then.
template <class Draw>
void Drawing::draw_for_nodes(FaultFamily family, Draw draw) {
  constexpr std::array<uint64_t, 4> kPercents{10, 25, 50, 100};
  Random how_hard = stream(family);
  Hardness hardness;
  hardness.percent = kPercents[static_cast<size_t>(how_hard.below(kPercents.size()))];
  hardness.most_each = 1 + how_hard.below(3);
  for (const NodeGroup& group : scenario_.nodes) {
    for (uint32_t index = 0; index < group.count; ++index) {
      Random random = stream(family, group.id, index);
      if (random.below(100) >= hardness.percent) continue;
      Span left = window();
      const uint64_t count = 1 + random.below(hardness.most_each);
      for (uint64_t i = 0; i < count && fits(left); ++i) {
        left = draw(random, Node{&group, index}, left);
      }
    }
  }
}

// The group is the one of least hash for each of its nodes, so that taking another away doesn't
// change the choice.
Node Drawing::draw_node(FaultFamily family, std::string_view purpose, Random& random) const {
  const uint64_t key = mixed(mixed(random.next(), name(family)), purpose);
  const auto rank = [key](const NodeGroup& group) {
    return mixed(key, std::string_view(group.id)) / group.count;
  };
  const auto chosen =
      std::min_element(scenario_.nodes.begin(), scenario_.nodes.end(),
                       [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return Node{&*chosen, draw_index(random, chosen->count)};
}

NodeSet Drawing::everybody() const {
  NodeSet nodes;
  for (const NodeGroup& group : scenario_.nodes) {
    nodes.push_back(NodeRange{group.id, 0, group.count - 1});
  }
  return nodes;
}

void Drawing::draw_loss() {
  Random random = stream(FaultFamily::loss);
  const Span span = draw_span(random, window(), swarm_.until);
  ScriptedEvent event;
  event.deed = Deed::link;
  event.at = span.from;
  event.lasts = span.to - span.from;
  event.nodes = everybody();
  // From a thousandth to a twentieth.
  event.loss = Probability{Probability::kOne / 1'000 * (1 + random.below(50))};
  events_.push_back(std::move(event));
}

void Drawing::draw_reset(Random& random, const Node& node) {
  ScriptedEvent event;
  event.deed = Deed::reset;
  event.at = draw_duration(random, kFaultsFrom, swarm_.until);
  event.nodes = node.set();
  const Node peer = draw_node(FaultFamily::reset, "peer", random);
  if (one_of(random, 2) && !(peer == node)) event.peers = peer.set();
  events_.push_back(std::move(event));
}

void Drawing::draw_clog(Random& random, const Node& node) {
  const Span span = draw_span(random, window(), kLongestClog);
  ScriptedEvent event;
  event.deed = Deed::clog;
  event.at = span.from;
  event.lasts = span.to - span.from;
  event.nodes = node.set();
  const Node peer = draw_node(FaultFamily::clog, "peer", random);
  if (one_of(random, 2) && !(peer == node)) event.peers = peer.set();
  events_.push_back(std::move(event));
}

// Each group is cut in two: `length` nodes from `first` on, as in a ring, and the others.
void cut(const NodeGroup& group, uint32_t first, uint32_t length, NodeSet& inside,
         NodeSet& outside) {
  const auto add = [&](NodeSet& into, uint32_t from, uint32_t to) {
    if (from < to) into.push_back(NodeRange{group.id, from, to - 1});
  };
  const uint32_t count = group.count;
  const bool wraps = count - first < length;
  NodeSet& ends = wraps ? inside : outside;
  const uint32_t low = wraps ? length - (count - first) : first;
  const uint32_t high = wraps ? first : first + length;
  add(ends, 0, low);
  add(wraps ? outside : inside, low, high);
  add(ends, high, count);
}

std::vector<NodeSet> Drawing::draw_halves(uint64_t number) const {
  std::vector<NodeSet> sides(2);
  for (const NodeGroup& group : scenario_.nodes) {
    Random random = stream(FaultFamily::partition, group.id, number);
    const auto first = static_cast<uint32_t>(random.below(group.count));
    const auto length = static_cast<uint32_t>(random.below(uint64_t{group.count} + 1));
    cut(group, first, length, sides[0], sides[1]);
  }
  return sides;
}

std::vector<NodeSet> Drawing::draw_single(Random& random) const {
  std::vector<NodeSet> sides(2);
  const Node alone = draw_node(FaultFamily::partition, "alone", random);
  for (const NodeGroup& group : scenario_.nodes) {
    if (&group == alone.group) {
      cut(group, alone.index, 1, sides[0], sides[1]);
    } else {
      sides[1].push_back(NodeRange{group.id, 0, group.count - 1});
    }
  }
  return sides;
}

void Drawing::draw_partitions() {
  Random how_hard = stream(FaultFamily::partition);
  const uint64_t count = 1 + how_hard.below(3);
  for (uint64_t number = 1; number <= count; ++number) {
    Random random = stream(FaultFamily::partition, {}, number);
    const Span span = draw_span(random, window(), kLongestPartition);
    ScriptedEvent event;
    event.deed = Deed::partition;
    event.at = span.from;
    event.lasts = span.to - span.from;
    event.oneway = one_of(random, 4);
    event.groups = one_of(random, 2) ? draw_halves(number) : draw_single(random);
    if (event.groups[0].empty() || event.groups[1].empty()) continue;
    if (one_of(random, 2)) std::swap(event.groups[0], event.groups[1]);
    events_.push_back(std::move(event));
  }
}

bool is_in(const NodeSet& nodes, const Node& node) {
  return std::any_of(nodes.begin(), nodes.end(), [&](const NodeRange& range) {
    return range.group == node.group->id && range.first <= node.index && node.index <= range.last;
  });
}

bool starts_or_ends(Deed deed) {
  constexpr std::array kStartsAndEnds{Deed::start, Deed::stop, Deed::kill, Deed::crash,
                                      Deed::restart};
  return std::find(kStartsAndEnds.begin(), kStartsAndEnds.end(), deed) != kStartsAndEnds.end();
}

// To bring back a node that the file itself has not started, or has ended, would be against it.
bool Drawing::may_go_down(const Node& node) const {
  if (node.group->behaviour != Behaviour::honest || !node.group->started) return false;
  return std::none_of(scenario_.events.begin(), scenario_.events.end(),
                      [&](const ScriptedEvent& event) {
                        return starts_or_ends(event.deed) && is_in(event.nodes, node);
                      });
}

// What they lose nobody may be able to give back.
bool Drawing::has_only_copies(const NodeGroup& group) const {
  if (group.demo || !group.shares.empty()) return true;
  return std::any_of(
      scenario_.events.begin(), scenario_.events.end(), [&](const ScriptedEvent& event) {
        return event.deed == Deed::share &&
               std::any_of(event.nodes.begin(), event.nodes.end(),
                           [&](const NodeRange& range) { return range.group == group.id; });
      });
}

DiskAfter draw_disk_after(Random& random, bool may_wipe) {
  constexpr std::array kLots{DiskAfter::keep,          DiskAfter::keep, DiskAfter::lose_unsynced,
                             DiskAfter::lose_unsynced, DiskAfter::torn, DiskAfter::torn,
                             DiskAfter::torn,          DiskAfter::wipe};
  const DiskAfter drawn = kLots[static_cast<size_t>(random.below(kLots.size()))];
  return drawn == DiskAfter::wipe && !may_wipe ? DiskAfter::lose_unsynced : drawn;
}

// Crash and kill.
Span Drawing::draw_down(Random& random, const Node& node, Span left, FaultFamily family) {
  const NodeGroup& group = *node.group;
  left.from = std::max(left.from, group.start_at + group.start_every * node.index);
  if (!fits(left) || !may_go_down(node)) return Span{left.to, left.to};
  const Span span = draw_span(random, left, kLongestDown);
  ScriptedEvent event;
  event.deed = family == FaultFamily::crash ? Deed::crash : Deed::kill;
  event.at = span.from;
  event.restart_after = span.to - span.from;
  event.nodes = node.set();
  if (event.deed == Deed::crash) event.disk = draw_disk_after(random, !has_only_copies(group));
  events_.push_back(std::move(event));
  return Span{span.to, left.to};
}

// No rot: where it strikes the only copy, nothing can come to rest.
Span Drawing::draw_disk(Random& random, const Node& node, Span left) {
  constexpr std::array kFaults{DiskFault::full, DiskFault::slow, DiskFault::failing};
  if (node.group->behaviour != Behaviour::honest) return Span{left.to, left.to};
  const Span span = draw_span(random, left, kLongestDiskFault);
  ScriptedEvent event;
  event.deed = Deed::disk;
  event.at = span.from;
  event.lasts = span.to - span.from;
  event.nodes = node.set();
  event.fault = kFaults[static_cast<size_t>(random.below(kFaults.size()))];
  events_.push_back(std::move(event));
  return Span{span.to, left.to};
}

void Drawing::draw_link(Random& random, const Node& node) {
  const Span span = draw_span(random, window(), kLongestLink);
  ScriptedEvent event;
  event.deed = Deed::link;
  event.at = span.from;
  event.lasts = span.to - span.from;
  event.nodes = node.set();
  LatencyLaw latency;
  latency.min = draw_duration(random, Duration::milliseconds(50), Duration::milliseconds(500));
  const uint64_t rate = (1 + random.below(20)) * kMbit;
  const uint64_t what = random.below(3);
  if (what != 0) event.latency = latency;
  if (what != 1) event.bandwidth = Bandwidth{rate, rate};
  events_.push_back(std::move(event));
}

void Drawing::draw(FaultFamily family) {
  switch (family) {
    case FaultFamily::loss:
      return draw_loss();
    case FaultFamily::reset:
      return draw_for_nodes(family, [this](Random& random, const Node& node, Span left) {
        draw_reset(random, node);
        return left;
      });
    case FaultFamily::clog:
      return draw_for_nodes(family, [this](Random& random, const Node& node, Span left) {
        draw_clog(random, node);
        return left;
      });
    case FaultFamily::partition:
      return draw_partitions();
    case FaultFamily::crash:
    case FaultFamily::kill:
      return draw_for_nodes(family, [this, family](Random& random, const Node& node, Span left) {
        return draw_down(random, node, left, family);
      });
    case FaultFamily::disk:
      return draw_for_nodes(family, [this](Random& random, const Node& node, Span left) {
        return draw_disk(random, node, left);
      });
    case FaultFamily::link:
      return draw_for_nodes(family, [this](Random& random, const Node& node, Span left) {
        draw_link(random, node);
        return left;
      });
    case FaultFamily::clock:
      return;  // not an event: clock_of
  }
}

ClockModel Drawing::clock_of(const NodeGroup& group) const {
  Random random = stream(FaultFamily::clock, group.id);
  ClockModel clock;
  clock.offset = draw_duration(random, Duration(), kLargestOffset);
  clock.drift_ppm = static_cast<int64_t>(random.below(2 * kLargestDriftPpm + 1)) -
                    static_cast<int64_t>(kLargestDriftPpm);
  return clock;
}

std::vector<ScriptedEvent> Drawing::in_order() {
  std::stable_sort(events_.begin(), events_.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  return std::move(events_);
}

}  // namespace

std::vector<ScriptedEvent> draw_faults(const Scenario& scenario, uint64_t seed) {
  if (!scenario.swarm || scenario.swarm->until < kShortestSwarm) return {};
  Drawing drawing(scenario, seed);
  for (const auto& family : fault_family_names()) {
    if (drawing.is_enabled(family.value)) drawing.draw(family.value);
  }
  return drawing.in_order();
}

Scenario written_out(const Scenario& scenario, uint64_t seed) {
  Scenario written = scenario;
  written.seed = seed;
  if (!scenario.swarm) return written;
  const std::vector<ScriptedEvent> faults = draw_faults(scenario, seed);
  written.events.insert(written.events.end(), faults.begin(), faults.end());
  const Drawing drawing(scenario, seed);
  if (drawing.is_enabled(FaultFamily::clock)) {
    for (NodeGroup& group : written.nodes) {
      if (group.clock == ClockModel()) group.clock = drawing.clock_of(group);
    }
  }
  written.swarm.reset();
  return written;
}

}  // namespace p2p::sim
