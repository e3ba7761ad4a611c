#include "io_sim/scenario/write.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "engine/base/quantity.h"
#include "io_sim/scenario/names.h"
#include "io_sim/scenario/node_options.h"
#include "io_sim/scenario/quantities.h"
#include "io_sim/scenario/toml_text.h"

namespace p2p::sim {

namespace {

constexpr size_t kLineMax = 100;

// How sets of nodes are called, which hangs on how large their groups are.
class NodeNames {
 public:
  explicit NodeNames(const Scenario& scenario) {
    for (const NodeGroup& group : scenario.nodes) groups_.emplace(group.id, &group);
  }

  std::string text(const NodeSet& nodes) const {
    std::vector<std::string> names(nodes.size());
    std::transform(nodes.begin(), nodes.end(), names.begin(),
                   [this](const NodeRange& range) { return name(range); });
    return toml_strings(names);
  }

 private:
  std::string name(const NodeRange& range) const {
    const auto found = groups_.find(range.group);
    if (found == groups_.end()) return node_range_text(range, false);
    const NodeGroup& group = *found->second;
    const bool all = range.first == 0 && range.last + 1 == group.count && group.count > 1;
    return all ? range.group + "[*]" : node_range_text(range, group.single);
  }

  std::map<std::string_view, const NodeGroup*> groups_;
};

std::string text_of(Duration duration) { return toml_string(exact_duration_text(duration)); }

std::string text_of(const LatencyLaw& law) {
  InlineTable table;
  switch (law.kind) {
    case LatencyLaw::Kind::fixed:
      return text_of(law.min);
    case LatencyLaw::Kind::uniform:
      table.add_string("dist", "uniform");
      table.add("min", text_of(law.min));
      table.add("max", text_of(law.max));
      break;
    case LatencyLaw::Kind::exponential:
      table.add_string("dist", "exponential");
      if (law.min > Duration()) table.add("min", text_of(law.min));
      table.add("mean", text_of(law.mean));
      break;
  }
  return table.text();
}

std::string text_of(const Bandwidth& bandwidth) {
  if (bandwidth == Bandwidth()) return toml_string("unlimited");
  if (bandwidth.up == bandwidth.down) return toml_string(rate_text(bandwidth.up));
  InlineTable table;
  if (bandwidth.up > 0) table.add_string("up", rate_text(bandwidth.up));
  if (bandwidth.down > 0) table.add_string("down", rate_text(bandwidth.down));
  return table.text();
}

std::string text_of(const NetworkModel& network) {
  const NetworkModel usual;
  InlineTable table;
  if (network.latency != usual.latency) table.add("latency", text_of(network.latency));
  if (network.jitter != usual.jitter) table.add("jitter", text_of(network.jitter));
  if (network.bandwidth != usual.bandwidth) table.add("bandwidth", text_of(network.bandwidth));
  if (network.queue != usual.queue) table.add_string("queue", compact_size_text(network.queue));
  if (network.chunks != usual.chunks) {
    table.add_string("chunks", name_of(chunks_names(), network.chunks));
  }
  if (network.loss != usual.loss) table.add("loss", probability_text(network.loss));
  return table.text();
}

std::string start_text(const NodeGroup& group) {
  if (group.start_every == Duration()) return text_of(group.start_at);
  InlineTable table;
  if (group.start_at > Duration()) table.add("at", text_of(group.start_at));
  table.add("every", text_of(group.start_every));
  return table.text();
}

std::string text_of(const DemoShape& demo) {
  InlineTable table;
  table.add("pieces", std::to_string(demo.pool));
  table.add("have", std::to_string(demo.have));
  table.add("want", std::to_string(demo.want));
  return table.text();
}

std::string text_of(const ClockModel& clock) {
  InlineTable table;
  if (clock.offset != Duration()) table.add("offset", text_of(clock.offset));
  if (clock.drift_ppm != 0) table.add("drift_ppm", std::to_string(clock.drift_ppm));
  return table.text();
}

std::string text_of(const DiskModel& disk) {
  const DiskModel usual;
  InlineTable table;
  if (disk.latency != usual.latency) table.add("latency", text_of(disk.latency));
  if (disk.capacity != 0) table.add_string("capacity", compact_size_text(disk.capacity));
  if (disk.lies) table.add_flag("lies", true);
  return table.text();
}

std::string text_of(const std::vector<NodeSetting>& settings) {
  InlineTable table;
  for (const NodeSetting& setting : settings) {
    const NodeOption* option = find_node_option(setting.name);
    const bool is_number = option != nullptr && option->kind == "count";
    table.add(setting.name, is_number ? setting.value : toml_string(setting.value));
  }
  return table.text();
}

void add_workload(InlineTable& table, const NodeGroup& group) {
  if (group.demo) table.add("demo", text_of(*group.demo));
  if (!group.shares.empty()) table.add("shares", toml_strings(group.shares));
  if (!group.wants.empty()) table.add("wants", toml_strings(group.wants));
}

void add_place(InlineTable& table, const NodeGroup& group) {
  if (!group.inbound) table.add_flag("inbound", false);
  if (group.networks > 0) table.add("networks", std::to_string(group.networks));
  if (!group.host.empty()) table.add_string("host", group.host);
  if (!group.near.empty()) table.add_string("near", group.near);
  if (group.bandwidth) table.add("bandwidth", text_of(*group.bandwidth));
  if (group.latency) table.add("latency", text_of(*group.latency));
}

std::string text_of(const NodeGroup& group, const NodeNames& names) {
  InlineTable table;
  table.add_string("id", group.id);
  if (!group.single) table.add("count", std::to_string(group.count));
  if (group.server) table.add_flag("server", true);
  if (!group.started) table.add_flag("started", false);
  if (group.start_at != Duration() || group.start_every != Duration()) {
    table.add("start", start_text(group));
  }
  if (!group.bootstrap.empty()) table.add("bootstrap", names.text(group.bootstrap));
  add_workload(table, group);
  if (group.behaviour != Behaviour::honest) {
    table.add_string("behaviour", name_of(behaviour_names(), group.behaviour));
  }
  if (!group.names.empty()) table.add("names", names.text(group.names));
  add_place(table, group);
  if (group.clock != ClockModel()) table.add("clock", text_of(group.clock));
  if (group.disk != DiskModel()) table.add("disk", text_of(group.disk));
  if (!group.node.empty()) table.add("node", text_of(group.node));
  return table.text();
}

std::string text_of(const Content& content) {
  InlineTable table;
  table.add_string("id", content.id);
  table.add_string("size", compact_size_text(content.size));
  return table.text();
}

void add_condition(InlineTable& table, const Condition& condition, const NodeNames& names) {
  table.add_string("that", name_of(claim_names(), condition.that));
  if (!condition.nodes.empty()) table.add("nodes", names.text(condition.nodes));
  if (!condition.peers.empty()) table.add("peers", names.text(condition.peers));
  if (has_count(condition.that)) table.add("count", std::to_string(condition.count));
  if (condition.share != Share() || needs_share(condition.that)) {
    table.add("share", share_text(condition.share));
  }
  if (!condition.content.empty()) table.add_string("content", condition.content);
}

std::string text_of(const Expectation& expectation, const NodeNames& names) {
  InlineTable table;
  table.add("by", text_of(expectation.by));
  add_condition(table, expectation.condition, names);
  if (expectation.stays) table.add_flag("stays", true);
  return table.text();
}

// Even one group of a partition is a list in a list.
std::string groups_text(const std::vector<NodeSet>& groups, const NodeNames& names) {
  std::vector<std::string> texts;
  for (const NodeSet& group : groups) {
    std::string text = names.text(group);
    texts.push_back(group.size() == 1 ? "[" + text + "]" : std::move(text));
  }
  return toml_list(texts);
}

void add_disk_fault(InlineTable& table, const ScriptedEvent& event) {
  if (event.deed == Deed::crash && event.disk != ScriptedEvent().disk) {
    table.add_string("disk", name_of(disk_after_names(), event.disk));
  }
  if (event.deed != Deed::disk) return;
  table.add_string("fault", name_of(disk_fault_names(), event.fault));
  if (event.one_in != 1) table.add("one_in", std::to_string(event.one_in));
}

std::string text_of(const ScriptedEvent& event, const NodeNames& names) {
  InlineTable table;
  if (event.when) {
    InlineTable condition;
    add_condition(condition, *event.when, names);
    table.add("when", condition.text());
  } else {
    table.add("at", text_of(event.at));
  }
  if (event.every > Duration()) table.add("every", text_of(event.every));
  table.add_string("do", name_of(deed_names(), event.deed));
  if (!event.nodes.empty()) table.add("nodes", names.text(event.nodes));
  if (!event.peers.empty()) table.add("peers", names.text(event.peers));
  if (!event.groups.empty()) table.add("groups", groups_text(event.groups, names));
  if (event.oneway) table.add_flag("oneway", true);
  add_disk_fault(table, event);
  if (event.latency) table.add("latency", text_of(*event.latency));
  if (event.bandwidth) table.add("bandwidth", text_of(*event.bandwidth));
  if (event.loss) table.add("loss", probability_text(*event.loss));
  if (!event.content.empty()) table.add_string("content", event.content);
  const bool heals = event.deed == Deed::partition;
  if (event.lasts) table.add(heals ? "heal_after" : "lasts", text_of(*event.lasts));
  if (event.restart_after) table.add("restart_after", text_of(*event.restart_after));
  return table.text();
}

std::string text_of(const Swarm& swarm) {
  std::vector<std::string> families;
  for (const FaultFamily family : swarm.families) {
    families.push_back(toml_string(name_of(fault_family_names(), family)));
  }
  InlineTable table;
  table.add("families", toml_list(families));
  if (swarm.enable_each != Swarm().enable_each) {
    table.add("enable_each", probability_text(swarm.enable_each));
  }
  table.add("until", text_of(swarm.until));
  return table.text();
}

std::string text_of(const Promise& promise) {
  InlineTable table;
  table.add_string("verdict", name_of(verdict_names(), promise.verdict));
  if (!promise.because.empty()) table.add_string("because", promise.because);
  return table.text();
}

std::string line(std::string_view key, std::string_view value) {
  return std::string(key) + " = " + std::string(value) + "\n";
}

// key = [...], on one line if there is one table and it is short, else a line for each.
std::string table_lines(std::string_view key, const std::vector<std::string>& tables) {
  if (tables.empty()) return "";
  if (tables.size() == 1) {
    std::string short_line = line(key, toml_list(tables));
    if (short_line.size() <= kLineMax) return short_line;
  }
  std::string text = std::string(key) + " = [\n";
  for (const std::string& table : tables) text += "  " + table + ",\n";
  return text + "]\n";
}

template <class Items>
std::string table_lines(std::string_view key, const Items& items, const NodeNames& names) {
  std::vector<std::string> tables(items.size());
  std::transform(items.begin(), items.end(), tables.begin(),
                 [&](const auto& item) { return text_of(item, names); });
  return table_lines(key, tables);
}

std::string seed_text(uint64_t seed) {
  const std::string digits = std::to_string(seed);
  return seed >> 63 == 0 ? digits : toml_string(digits);  // TOML's numbers end there
}

std::string head_lines(const Scenario& scenario) {
  const Scenario usual;
  std::string text = "schema = 1\n";
  if (!scenario.name.empty()) text += line("name", toml_string(scenario.name));
  if (scenario.seed != usual.seed) text += line("seed", seed_text(scenario.seed));
  if (scenario.stop != usual.stop) text += line("stop", text_of(scenario.stop));
  if (scenario.piece_size != usual.piece_size) {
    text += line("piece_size", toml_string(compact_size_text(scenario.piece_size.bytes())));
  }
  if (scenario.network != usual.network) text += line("network", text_of(scenario.network));
  return text;
}

std::string judgement_lines(const Scenario& scenario) {
  std::string text;
  if (scenario.no_invariants || !scenario.invariants.empty()) {
    InlineTable always;
    always.add("invariants", toml_strings(scenario.invariants));
    text += line("always", always.text());
  }
  if (scenario.promise != Promise()) text += line("promise", text_of(scenario.promise));
  return text;
}

}  // namespace

std::string write_scenario(const Scenario& scenario) {
  const NodeNames names(scenario);
  std::vector<std::string> contents;
  for (const Content& content : scenario.contents) contents.push_back(text_of(content));
  std::string text = head_lines(scenario) + "\n";
  text += table_lines("nodes", scenario.nodes, names);
  text += table_lines("content", contents);
  text += table_lines("events", scenario.events, names);
  if (scenario.swarm) text += line("swarm", text_of(*scenario.swarm));
  text += table_lines("expect", scenario.expectations, names);
  return text + judgement_lines(scenario);
}

std::string write_events(const Scenario& scenario, const std::vector<ScriptedEvent>& events) {
  return table_lines("events", events, NodeNames(scenario));
}

}  // namespace p2p::sim
