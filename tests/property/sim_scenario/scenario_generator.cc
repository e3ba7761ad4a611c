#include "tests/property/sim_scenario/scenario_generator.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/quantity.h"
#include "io_sim/scenario/names.h"
#include "io_sim/scenario/node_options.h"
#include "io_sim/scenario/swarm.h"

namespace p2p::property {

namespace {

using namespace sim;

bool any_flag() { return *rc::gen::arbitrary<bool>(); }

// Of the whole range from the first test on.
template <class Number>
Number any_number(Number least, Number most) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<Number>(least, most + 1));
}

bool now_and_then() { return any_number(0, 3) == 3; }

// Whole milliseconds; whole seconds and minutes as often.
Duration any_duration(Duration least, Duration most) {
  constexpr int64_t kUnits[] = {1, 1'000, 60'000};
  const int64_t unit = kUnits[any_number<size_t>(0, 2)];
  const int64_t low = (least.count_ms() + unit - 1) / unit;
  const int64_t high = most.count_ms() / unit;
  if (low > high) return least;
  return Duration::milliseconds(any_number<int64_t>(low, high) * unit);
}

Probability any_probability() {
  if (now_and_then()) return Probability{any_flag() ? Probability::kOne : uint64_t{0}};
  return Probability{any_number<uint64_t>(0, Probability::kOne)};
}

uint64_t any_rate() { return any_number<uint64_t>(1, 100'000) * (any_flag() ? 1'000 : 1'000'000); }

Bandwidth any_bandwidth() {
  Bandwidth bandwidth;
  if (any_flag()) bandwidth.up = any_rate();
  bandwidth.down = any_flag() ? bandwidth.up : any_rate();
  return bandwidth;
}

LatencyLaw any_latency() {
  const Duration most = Duration::seconds(2);
  LatencyLaw law;
  law.kind = *rc::gen::element(LatencyLaw::Kind::fixed, LatencyLaw::Kind::uniform,
                               LatencyLaw::Kind::exponential);
  law.min = any_duration(Duration(), most);
  if (law.kind == LatencyLaw::Kind::uniform) law.max = any_duration(law.min, most);
  if (law.kind == LatencyLaw::Kind::exponential) law.mean = any_duration(law.min, most);
  return law;
}

template <class Enum>
Enum any_of(std::span<const Named<Enum>> names) {
  return names[any_number<size_t>(0, names.size() - 1)].value;
}

// Some of 0 to size - 1, in order.
std::vector<size_t> some_of(size_t size) {
  std::vector<size_t> chosen;
  for (size_t i = 0; i < size; ++i) {
    if (any_flag()) chosen.push_back(i);
  }
  return chosen;
}

NetworkModel any_network() {
  NetworkModel network;
  if (any_flag()) network.latency = any_latency();
  if (now_and_then()) network.jitter = any_duration(Duration(), Duration::seconds(1));
  if (now_and_then()) network.bandwidth = any_bandwidth();
  if (now_and_then()) network.queue = any_number<uint64_t>(1, uint64_t{1} << 24);
  if (any_flag()) network.chunks = any_of(chunks_names());
  if (now_and_then()) network.loss = any_probability();
  return network;
}

// Nodes and content.

NodeRange any_range(const NodeGroup& group) {
  NodeRange range{group.id, 0, group.count - 1};
  if (any_flag()) return range;
  range.first = any_number<uint32_t>(0, group.count - 1);
  range.last = any_number<uint32_t>(range.first, group.count - 1);
  return range;
}

NodeSet any_nodes(const Scenario& scenario) {
  NodeSet nodes;
  const size_t count = any_number<size_t>(1, 3);
  while (nodes.size() < count) {
    const size_t index = any_number<size_t>(0, scenario.nodes.size() - 1);
    nodes.push_back(any_range(scenario.nodes[index]));
  }
  return nodes;
}

std::string setting_value(const NodeOption& option) {
  if (option.kind == "count") return std::to_string(any_number<unsigned>(4, 50));
  if (option.kind == "size") return std::to_string(any_number<unsigned>(32, 64)) + " MiB";
  return std::to_string(any_number<unsigned>(100, 100'000)) + "ms";
}

std::vector<NodeSetting> any_settings() {
  std::vector<NodeSetting> settings;
  for (const NodeOption& option : node_options()) {
    if (any_number(0, 9) != 9) continue;
    settings.push_back(NodeSetting{std::string(option.name), setting_value(option)});
  }
  return settings;
}

DemoShape any_demo() {
  DemoShape demo;
  demo.pool = any_number<uint32_t>(1, 100);
  demo.have = any_number<uint32_t>(0, demo.pool);
  demo.want = any_number<uint32_t>(0, 100);
  return demo;
}

void add_start(NodeGroup& group, Duration stop) {
  if (now_and_then()) {
    group.started = false;
  } else if (any_flag()) {
    group.start_at = any_duration(Duration(), stop);
    if (any_flag()) return;
    const Duration rest = (stop - group.start_at) / std::max<int64_t>(group.count - 1, 1);
    group.start_every = any_duration(Duration(), rest);
  }
}

void add_contents(NodeGroup& group, const std::vector<Content>& contents) {
  for (const size_t index : some_of(contents.size())) {
    (any_flag() ? group.shares : group.wants).push_back(contents[index].id);
    if (!group.server && now_and_then()) group.near = contents[index].id;
  }
}

void add_place(NodeGroup& group, std::set<std::string>& hosts_with_server) {
  if (now_and_then()) {
    group.host = any_flag() ? "one" : "two";
    const bool may_serve = group.count == 1 && hosts_with_server.count(group.host) == 0;
    group.server = group.server && may_serve;
    if (group.server) hosts_with_server.insert(group.host);
  } else if (now_and_then()) {
    group.networks = any_number<uint32_t>(1, 20);
  }
  group.inbound = !now_and_then();
  if (now_and_then()) group.bandwidth = any_bandwidth();
  if (now_and_then()) group.latency = any_latency();
}

void add_machine(NodeGroup& group) {
  if (now_and_then()) {
    group.clock.offset = any_duration(Duration(), Duration::minutes(int64_t{24} * 60));
    group.clock.drift_ppm = any_number<int64_t>(-300, 300);
  }
  if (now_and_then()) {
    if (any_flag()) group.disk.latency = any_duration(Duration(), Duration::seconds(1));
    if (any_flag()) group.disk.capacity = any_number<uint64_t>(1, uint64_t{1} << 40);
    group.disk.lies = any_flag();
  }
  if (now_and_then()) group.node = any_settings();
}

void add_groups(Scenario& scenario) {
  const char* const ids[] = {"boot", "peer", "far-away", "late_ones"};
  const size_t count = any_number<size_t>(1, std::size(ids));
  std::set<std::string> hosts_with_server;
  for (size_t i = 0; i < count; ++i) {
    NodeGroup group;
    group.id = ids[i];
    group.single = any_flag();
    if (!group.single) group.count = any_number<uint32_t>(1, 12);
    group.server = any_flag();
    if (now_and_then()) group.behaviour = any_of(behaviour_names());
    if (now_and_then()) group.demo = any_demo();
    add_start(group, scenario.stop);
    add_contents(group, scenario.contents);
    add_place(group, hosts_with_server);
    add_machine(group);
    scenario.nodes.push_back(std::move(group));
  }
  for (NodeGroup& group : scenario.nodes) {
    if (any_flag()) group.bootstrap = any_nodes(scenario);
    const bool lies =
        group.behaviour == Behaviour::address_flood || group.behaviour == Behaviour::victim_liar;
    if (lies && any_flag()) group.names = any_nodes(scenario);
  }
}

// Conditions and events.

Share any_share() { return Share{any_number<uint32_t>(1, Share::kAll)}; }

Condition any_condition(const Scenario& scenario) {
  Condition condition;
  condition.that = any_of(claim_names());
  if (any_flag()) condition.nodes = any_nodes(scenario);
  switch (condition.that) {
    case Claim::knows:
    case Claim::no_connection_to:
    case Claim::connected_to:
      condition.peers = any_nodes(scenario);
      break;
    case Claim::knows_at_least:
    case Claim::knows_at_most:
    case Claim::diameter_at_most:
    case Claim::honest_neighbours_at_least:
    case Claim::dials_per_minute_at_most:
    case Claim::bytes_per_hour_at_most:
    case Claim::pieces_given_at_least:
      condition.count = any_number<uint64_t>(0, 20);
      break;
    case Claim::degree_at_least:
    case Claim::degree_at_most:
      condition.count = any_number<uint64_t>(0, 20);
      if (any_flag()) condition.share = any_share();
      break;
    case Claim::connected:
      if (any_flag()) condition.share = any_share();
      break;
    case Claim::share_of_connections_at_most:
    case Claim::dialled_honest_at_least:
      condition.share = any_share();
      break;
    case Claim::holds:
      if (scenario.contents.empty()) {
        condition.that = Claim::wants_nothing;
      } else {
        condition.content = scenario.contents.front().id;
      }
      break;
    case Claim::wants_nothing:
    case Claim::running:
    case Claim::not_running:
      break;
  }
  return condition;
}

std::optional<Duration> maybe_a_while() {
  if (any_flag()) return std::nullopt;
  return any_duration(Duration::milliseconds(1), Duration::minutes(2));
}

// Each node of the scenario on one side, or on none.
std::vector<NodeSet> any_sides(const Scenario& scenario) {
  std::vector<NodeSet> sides(any_number<size_t>(2, 3));
  for (const NodeGroup& group : scenario.nodes) {
    for (uint32_t index = 0; index < group.count; ++index) {
      const size_t side = any_number<size_t>(0, sides.size());
      if (side < sides.size()) sides[side].push_back(NodeRange{group.id, index, index});
    }
  }
  return sides;
}

void add_details(ScriptedEvent& event, const Scenario& scenario) {
  switch (event.deed) {
    case Deed::stop:
    case Deed::kill:
    case Deed::restart:
      event.restart_after = maybe_a_while();
      break;
    case Deed::crash:
      event.restart_after = maybe_a_while();
      event.disk = any_of(disk_after_names());
      break;
    case Deed::partition:
      event.groups = any_sides(scenario);
      event.oneway = now_and_then();
      event.lasts = maybe_a_while();
      break;
    case Deed::link:
      event.loss = any_probability();
      if (any_flag()) event.latency = any_latency();
      if (any_flag()) event.bandwidth = any_bandwidth();
      event.lasts = maybe_a_while();
      break;
    case Deed::reset:
      if (any_flag()) event.peers = any_nodes(scenario);
      break;
    case Deed::clog:
      if (any_flag()) event.peers = any_nodes(scenario);
      event.lasts = maybe_a_while();
      break;
    case Deed::want:
    case Deed::share:
      event.content = scenario.contents.front().id;
      break;
    case Deed::disk:
      event.fault = any_of(disk_fault_names());
      if (event.fault == DiskFault::rot) {
        event.one_in = any_number<uint64_t>(1, 100);
      } else if (event.fault != DiskFault::good) {
        event.lasts = maybe_a_while();
      }
      break;
    case Deed::start:
    case Deed::heal:
      break;
  }
}

bool is_one_of(Deed deed, std::initializer_list<Deed> deeds) {
  return std::find(deeds.begin(), deeds.end(), deed) != deeds.end();
}

// nullopt where the deed needs what the scenario hasn't got.
std::optional<ScriptedEvent> maybe_event(const Scenario& scenario) {
  ScriptedEvent event;
  event.deed = any_of(deed_names());
  const bool of_content = event.deed == Deed::want || event.deed == Deed::share;
  if (of_content && scenario.contents.empty()) return std::nullopt;
  if (now_and_then()) {
    event.when = any_condition(scenario);
  } else {
    event.at = any_duration(Duration(), scenario.stop);
  }
  if (event.deed != Deed::partition && event.deed != Deed::heal) event.nodes = any_nodes(scenario);
  add_details(event, scenario);
  const bool one_by_one = is_one_of(event.deed, {Deed::start, Deed::stop, Deed::kill, Deed::crash,
                                                 Deed::restart, Deed::want, Deed::share});
  if (one_by_one && now_and_then()) {
    event.every = any_duration(Duration::milliseconds(1), Duration::minutes(1));
  }
  const bool empty_side = std::any_of(event.groups.begin(), event.groups.end(),
                                      [](const NodeSet& side) { return side.empty(); });
  if (empty_side) return std::nullopt;
  return event;
}

Swarm any_swarm(const Scenario& scenario) {
  Swarm swarm;
  for (const size_t index : some_of(fault_family_names().size())) {
    swarm.families.push_back(fault_family_names()[index].value);
  }
  if (any_flag()) swarm.enable_each = any_probability();
  swarm.until = any_duration(kShortestSwarm, scenario.stop);
  return swarm;
}

Promise any_promise() {
  Promise promise;
  promise.verdict = any_of(verdict_names());
  if (any_flag()) return promise;
  if (promise.verdict == Verdict::unmet) promise.because = "connected";
  if (promise.verdict == Verdict::violated) promise.because = "some_invariant";
  return promise;
}

std::string any_name() {
  return *rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("abc \"\\\t\n\x01\x7f#='[]{}")));
}

void add_judgement(Scenario& scenario) {
  const size_t expectations = any_number<size_t>(0, 3);
  while (scenario.expectations.size() < expectations) {
    Expectation expectation;
    expectation.condition = any_condition(scenario);
    expectation.by = any_duration(Duration(), scenario.stop);
    expectation.stays = now_and_then();
    scenario.expectations.push_back(std::move(expectation));
  }
  if (now_and_then()) scenario.invariants = {"some_invariant", "another_one"};
  if (scenario.invariants.empty()) scenario.no_invariants = now_and_then();
  if (now_and_then()) scenario.promise = any_promise();
}

Scenario some_scenario(bool with_swarm) {
  Scenario scenario;
  scenario.name = any_name();
  if (any_flag()) scenario.seed = *rc::gen::arbitrary<uint64_t>();
  if (any_flag()) scenario.stop = any_duration(Duration::seconds(2), Duration::minutes(60));
  scenario.piece_size = *PieceSize::from_log2(any_number<unsigned>(10, 24));
  if (any_flag()) scenario.network = any_network();
  for (const size_t index : some_of(2)) {
    const uint64_t size = any_number<uint64_t>(0, uint64_t{1} << 30);
    scenario.contents.push_back(Content{index == 0 ? "film" : "song", size});
  }
  add_groups(scenario);
  const size_t events = any_number<size_t>(0, 4);
  for (size_t i = 0; i < events; ++i) {
    if (auto event = maybe_event(scenario)) scenario.events.push_back(std::move(*event));
  }
  if (with_swarm) scenario.swarm = any_swarm(scenario);
  add_judgement(scenario);
  return scenario;
}

}  // namespace

rc::Gen<Scenario> any_scenario() {
  return rc::gen::exec([] { return some_scenario(any_flag()); });
}

rc::Gen<Scenario> any_swarm_scenario() {
  return rc::gen::exec([] { return some_scenario(true); });
}

}  // namespace p2p::property
