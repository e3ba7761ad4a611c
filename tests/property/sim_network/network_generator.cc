#include "tests/property/sim_network/network_generator.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/content/tree.h"
#include "tests/property/sim_network/network_model.h"

namespace p2p::property {

namespace {

using namespace sim;

constexpr uint64_t kMbit = 1'000'000;
// Started by then, unless an event starts it.
constexpr Duration kStartsUntil = Duration::seconds(20);
constexpr Duration kFaultsUntil = Duration::seconds(90);
constexpr Duration kLongestFault = Duration::seconds(60);

class Drawing {
 public:
  Drawing(NetworkKind kind, uint64_t seed)
      : kind_(kind), random_(Seed{seed}), all_honest_(kind != NetworkKind::faulty || percent(50)) {}

  Scenario carry_out();

 private:
  uint64_t number(uint64_t low, uint64_t high) { return low + random_.below(high - low + 1); }
  bool percent(uint64_t likely) { return random_.below(100) < likely; }
  Duration moment(Duration low, Duration high) {
    return Duration::milliseconds(static_cast<int64_t>(
        number(static_cast<uint64_t>(low.count_ms()), static_cast<uint64_t>(high.count_ms()))));
  }
  template <class T, size_t N>
  T one_of(const std::array<T, N>& all) {
    return all[static_cast<size_t>(random_.below(N))];
  }

  void draw_links();
  LatencyLaw latency();
  Bandwidth bandwidth();
  void draw_contents();
  void draw_nodes();
  void draw_place(NodeGroup& group, bool first);
  void draw_machine(NodeGroup& group);
  void draw_start(NodeGroup& group);
  void draw_bootstrap(size_t node, const std::vector<uint64_t>& islands);
  void draw_goods(NodeGroup& group);

  NodeSet some_node();
  NodeSet set_of(size_t node) const { return {NodeRange{scenario_.nodes[node].id, 0, 0}}; }
  void draw_news();
  void draw_faults();
  void draw_end(ScriptedEvent& event);
  void draw_partition(ScriptedEvent& event);
  void draw_link(ScriptedEvent& event);
  void draw_clog(ScriptedEvent& event);
  void draw_reset(ScriptedEvent& event);
  void take_away();
  void hand_on();

  NetworkKind kind_;
  Random random_;
  bool all_honest_;
  Scenario scenario_;
};

// Links.

LatencyLaw Drawing::latency() {
  LatencyLaw law;
  law.kind = one_of(std::array{LatencyLaw::Kind::fixed, LatencyLaw::Kind::uniform,
                               LatencyLaw::Kind::exponential});
  law.min = moment(Duration(), Duration::milliseconds(100));
  if (law.kind == LatencyLaw::Kind::uniform) {
    law.max = moment(law.min, Duration::milliseconds(400));
  }
  if (law.kind == LatencyLaw::Kind::exponential) {
    law.mean = moment(law.min, Duration::milliseconds(200));
  }
  return law;
}

Bandwidth Drawing::bandwidth() {
  const uint64_t up = number(2, 50) * kMbit;
  return {up, percent(50) ? up : number(2, 50) * kMbit};
}

void Drawing::draw_links() {
  NetworkModel& network = scenario_.network;
  if (percent(80)) network.latency = latency();
  if (percent(20)) network.jitter = moment(Duration(), Duration::milliseconds(100));
  if (percent(40)) network.bandwidth = bandwidth();
  if (percent(40)) network.queue = number(2, 64) << 10;
  network.chunks = one_of(std::array{Chunks::whole, Chunks::segments, Chunks::adversarial});
  if (kind_ == NetworkKind::faulty && percent(30)) {
    network.loss = Probability{number(1, Probability::kOne / 50)};
  }
}

// Nodes.

void Drawing::draw_contents() {
  const std::array<std::string, 3> ids{"film", "song", "book"};
  const uint64_t piece = scenario_.piece_size.bytes();
  const std::array<uint64_t, 6> edges{
      0,     1,        inline_max(scenario_.piece_size), inline_max(scenario_.piece_size) + 1,
      piece, piece + 1};
  const uint64_t count = number(1, ids.size());
  for (size_t i = 0; i < count; ++i) {
    const uint64_t size = percent(30) ? one_of(edges) : number(0, 300) << 10;
    scenario_.contents.push_back({ids[i], size});
  }
}

void Drawing::draw_place(NodeGroup& group, bool first) {
  group.inbound = first || !percent(25);
  group.server = first && percent(50);
  if (percent(15)) group.bandwidth = bandwidth();
  if (percent(15)) group.latency = latency();
}

void Drawing::draw_machine(NodeGroup& group) {
  if (percent(25)) {
    group.clock.offset = moment(Duration(), Duration::minutes(int64_t{24} * 60));
    group.clock.drift_ppm = static_cast<int64_t>(number(0, 400)) - 200;
  }
  if (percent(20)) group.disk.latency = moment(Duration(), Duration::milliseconds(50));
  if (percent(10)) group.node.push_back({"pex_interval", std::to_string(number(1, 20)) + "s"});
  if (kind_ != NetworkKind::faulty || all_honest_ || !percent(30)) return;
  group.behaviour = one_of(std::array{
      Behaviour::pex_poison, Behaviour::wrong_bytes, Behaviour::never_gives, Behaviour::silent,
      Behaviour::garbage, Behaviour::slow_loris, Behaviour::bad_frames, Behaviour::legacy});
  // A second of a flood costs what minutes of the others do.
  if (percent(3)) group.behaviour = Behaviour::flood;
}

void Drawing::draw_start(NodeGroup& group) {
  if (percent(8)) {
    group.started = false;
  } else if (percent(75)) {
    group.start_at = moment(Duration(), kStartsUntil);
  }
}

// One or two of its island; mostly such as have begun before it.
void Drawing::draw_bootstrap(size_t node, const std::vector<uint64_t>& islands) {
  std::vector<size_t> before;
  std::vector<size_t> others;
  for (size_t i = 0; i < islands.size(); ++i) {
    if (i == node || islands[i] != islands[node]) continue;
    others.push_back(i);
    if (i < node) before.push_back(i);
  }
  if (before.empty() ? !percent(10) : percent(5)) return;
  const uint64_t count = number(1, 2);
  for (uint64_t i = 0; i < count; ++i) {
    const auto& from = before.empty() || percent(20) ? others : before;
    if (from.empty()) return;
    const NodeRange through = set_of(from[static_cast<size_t>(random_.below(from.size()))])[0];
    NodeSet& given = scenario_.nodes[node].bootstrap;
    if (std::find(given.begin(), given.end(), through) == given.end()) given.push_back(through);
  }
}

void Drawing::draw_goods(NodeGroup& group) {
  for (const Content& content : scenario_.contents) {
    const uint64_t drawn = number(0, 99);
    if (group.behaviour != Behaviour::honest || drawn >= 65) continue;
    (drawn < 20 ? group.shares : group.wants).push_back(content.id);
  }
}

void Drawing::draw_nodes() {
  const uint64_t count = number(2, percent(30) ? 12 : 6);
  const uint64_t islands = percent(70) ? 1 : number(2, 3);
  const bool one_host = percent(15);
  std::vector<uint64_t> island_of;
  std::vector<bool> settled(static_cast<size_t>(islands));
  for (size_t i = 0; i < count; ++i) {
    NodeGroup group;
    group.id = "n" + std::to_string(i);
    const auto island = static_cast<size_t>(random_.below(islands));
    const bool first = !settled[island];
    settled[island] = true;
    draw_place(group, first);
    if (one_host && percent(50)) {
      group.host = "one";
      group.server = false;
    }
    draw_machine(group);
    draw_start(group);
    draw_goods(group);
    island_of.push_back(island);
    scenario_.nodes.push_back(std::move(group));
  }
  for (size_t i = 0; i < count; ++i) draw_bootstrap(i, island_of);
}

// Events.

NodeSet Drawing::some_node() {
  return set_of(static_cast<size_t>(random_.below(scenario_.nodes.size())));
}

// Starts, wants and shares.
void Drawing::draw_news() {
  const uint64_t count = number(0, 4);
  for (uint64_t i = 0; i < count; ++i) {
    ScriptedEvent event;
    event.deed = one_of(std::array{Deed::start, Deed::want, Deed::share});
    event.at = moment(Duration(), kFaultsUntil);
    event.nodes = some_node();
    const NodeGroup& group =
        *std::find_if(scenario_.nodes.begin(), scenario_.nodes.end(),
                      [&](const NodeGroup& g) { return g.id == event.nodes[0].group; });
    if (event.deed != Deed::start) {
      if (group.behaviour != Behaviour::honest) continue;
      event.content =
          scenario_.contents[static_cast<size_t>(random_.below(scenario_.contents.size()))].id;
    }
    scenario_.events.push_back(std::move(event));
  }
}

void Drawing::draw_end(ScriptedEvent& event) {
  event.deed = one_of(std::array{Deed::stop, Deed::kill, Deed::crash, Deed::restart});
  event.nodes = some_node();
  if (event.deed == Deed::crash) {
    event.disk = one_of(
        std::array{DiskAfter::keep, DiskAfter::lose_unsynced, DiskAfter::wipe, DiskAfter::torn});
  }
  if (percent(80)) event.restart_after = moment(Duration::milliseconds(1), kLongestFault);
}

void Drawing::draw_partition(ScriptedEvent& event) {
  event.deed = Deed::partition;
  event.groups.resize(2);
  for (size_t node = 0; node < scenario_.nodes.size(); ++node) {
    // The first and the last are on different sides, so that none is empty.
    const uint64_t side = node == 0 ? 0 : node + 1 == scenario_.nodes.size() ? 1 : number(0, 4);
    if (side < 4) event.groups[side % 2].push_back(set_of(node)[0]);
  }
  if (percent(50)) std::swap(event.groups[0], event.groups[1]);
  event.oneway = percent(25);
}

void Drawing::draw_link(ScriptedEvent& event) {
  event.deed = Deed::link;
  event.nodes = some_node();
  if (percent(50)) event.latency = latency();
  if (percent(50)) event.bandwidth = Bandwidth{number(1, 20) * kMbit, number(1, 20) * kMbit};
  event.loss = Probability{number(0, Probability::kOne / 20)};
}

void Drawing::draw_clog(ScriptedEvent& event) {
  event.deed = Deed::clog;
  event.nodes = some_node();
  if (percent(50)) event.peers = some_node();
}

void Drawing::draw_reset(ScriptedEvent& event) {
  event.deed = Deed::reset;
  event.nodes = some_node();
  if (percent(50)) event.peers = some_node();
}

void Drawing::draw_faults() {
  using Draw = void (Drawing::*)(ScriptedEvent&);
  constexpr std::array<Draw, 7> kDraws{
      &Drawing::draw_end,  &Drawing::draw_end,  &Drawing::draw_end,  &Drawing::draw_partition,
      &Drawing::draw_clog, &Drawing::draw_link, &Drawing::draw_reset};
  const uint64_t count = number(0, 6);
  bool lasts_until_healed = false;
  for (uint64_t i = 0; i < count; ++i) {
    ScriptedEvent event;
    event.at = moment(Duration::seconds(1), kFaultsUntil);
    (this->*one_of(kDraws))(event);
    const bool may_last =
        event.deed == Deed::partition || event.deed == Deed::clog || event.deed == Deed::link;
    if (may_last && percent(80)) event.lasts = moment(Duration::milliseconds(1), kLongestFault);
    lasts_until_healed = lasts_until_healed || (may_last && !event.lasts);
    scenario_.events.push_back(std::move(event));
  }
  if (!lasts_until_healed) return;
  ScriptedEvent heal;
  heal.deed = Deed::heal;
  heal.at = kFaultsUntil + moment(Duration(), Duration::seconds(30));
  scenario_.events.push_back(std::move(heal));
}

// For ever, and not before all have met.
void Drawing::take_away() {
  const uint64_t count = number(1, 3);
  for (uint64_t i = 0; i < count; ++i) {
    ScriptedEvent event;
    draw_end(event);
    if (event.deed == Deed::restart) event.deed = Deed::kill;
    event.restart_after.reset();
    event.at = kFaultsUntil + kMeeting + moment(Duration(), Duration::minutes(2));
    scenario_.events.push_back(std::move(event));
  }
}

// Of one content, if somebody wants it and somebody shares it.
void Drawing::hand_on() {
  const std::string content = scenario_.contents.front().id;
  NodeSet holders;
  NodeSet getters;
  for (const NodeGroup& group : scenario_.nodes) {
    const auto is_in = [&](const std::vector<std::string>& ids) {
      return std::find(ids.begin(), ids.end(), content) != ids.end();
    };
    if (is_in(group.shares)) holders.push_back({group.id, 0, 0});
    if (is_in(group.wants)) getters.push_back({group.id, 0, 0});
  }
  if (holders.empty() || getters.empty()) return;
  ScriptedEvent event;
  draw_end(event);
  if (event.deed == Deed::restart) event.deed = Deed::stop;
  event.restart_after.reset();
  event.nodes = holders;
  event.when.emplace();
  event.when->that = Claim::holds;
  event.when->content = content;
  event.when->nodes = {getters[static_cast<size_t>(random_.below(getters.size()))]};
  scenario_.events.push_back(std::move(event));
}

Scenario Drawing::carry_out() {
  scenario_.name = "drawn";
  scenario_.seed = random_.next() >> 1;
  scenario_.piece_size = *PieceSize::from_log2(percent(60) ? 14 : 16);
  draw_links();
  draw_contents();
  draw_nodes();
  draw_news();
  switch (kind_) {
    case NetworkKind::calm:
      break;
    case NetworkKind::faulty:
      draw_faults();
      break;
    case NetworkKind::fading:
      take_away();
      break;
    case NetworkKind::handed_on:
      hand_on();
      break;
  }
  scenario_.stop = Duration::minutes(120);
  const Duration rest = rest_of(scenario_).value_or(kFaultsUntil + kLongestFault + kSettling);
  scenario_.stop = Duration::seconds(rest.count_ms() / 1000 + 2);
  if (kind_ == NetworkKind::faulty && all_honest_) scenario_.stop = scenario_.stop + kFinding;
  return std::move(scenario_);
}

}  // namespace

Scenario network_of(NetworkKind kind, uint64_t seed) { return Drawing(kind, seed).carry_out(); }

rc::Gen<Scenario> any_network(NetworkKind kind) {
  const auto seeds = rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<uint64_t>());
  return rc::gen::map(rc::gen::noShrink(seeds),
                      [kind](uint64_t seed) { return network_of(kind, seed); });
}

}  // namespace p2p::property
