// [[nodes]] and [[content]].
#include <algorithm>
#include <array>
#include <set>

#include "engine/core/config.h"
#include "io_sim/scenario/node_options.h"
#include "io_sim/scenario/quantities.h"
#include "io_sim/scenario/references.h"
#include "io_sim/scenario/sections.h"
#include "io_sim/scenario/suggestions.h"
#include "io_sim/scenario/values.h"

namespace p2p::sim {

namespace {

constexpr std::string_view kNodes = "[[nodes]]";
constexpr std::string_view kContent = "[[content]]";

constexpr int64_t kNodesMax = 100'000;     // of a scenario
constexpr uint64_t kNetworksMax = 50'000;  // there are 65,536 /16 networks of IPv4
constexpr int64_t kDriftMaxPpm = 100'000;  // a tenth; quartz is within 100
constexpr uint64_t kContentMax = uint64_t{1} << 40;

bool read_behaviour(Reader& reader, const TomlValue& value, Behaviour& into) {
  return read_named(reader, value, "behaviour", behaviour_names(), into);
}

// start = "1s" or { at, every }.

constexpr std::array<Key<NodeGroup>, 2> kStartKeys{{
    {"at", field<NodeGroup, &NodeGroup::start_at, read_duration>},
    {"every", field<NodeGroup, &NodeGroup::start_every, read_duration>},
}};

void read_start(Reader& reader, const TomlValue& value, NodeGroup& into) {
  const TomlValue* at = &value;
  if (value.kind == TomlValue::Kind::string) {
    if (!read_duration(reader, value, into.start_at)) return;
  } else {
    constexpr std::string_view kMeant =
        "a duration such as \"1s\" or a table such as { at = \"1s\", every = \"200ms\" }";
    if (!require_table(reader, value, kMeant)) return;
    read_keys<NodeGroup>(reader, value, "the start", kStartKeys, into);
    if (const TomlMember* member = value.find("at")) at = &member->value;
  }
  if (into.start_at > reader.stop) reader.fail(*at, stops_before(reader));
}

constexpr std::array<Key<DemoShape>, 3> kDemoKeys{{
    {"pieces", field<DemoShape, &DemoShape::pool, read_count<uint32_t, 1, 1'000'000>>},
    {"have", field<DemoShape, &DemoShape::have, read_count<uint32_t, 0, 1'000'000>>},
    {"want", field<DemoShape, &DemoShape::want, read_count<uint32_t, 0, 1'000'000>>},
}};

bool read_demo(Reader& reader, const TomlValue& value, DemoShape& into) {
  if (!require_table(reader, value, "a table such as { pieces = 75, have = 60, want = 20 }")) {
    return false;
  }
  const size_t errors_before = reader.errors.size();
  read_keys<DemoShape>(reader, value, "the demo", kDemoKeys, into);
  if (reader.errors.size() != errors_before) return false;
  if (into.have <= into.pool) return true;
  const TomlMember* have = value.find("have");
  reader.fail(have != nullptr ? have->value : value, "a node can't have " +
                                                         std::to_string(into.have) + " of " +
                                                         std::to_string(into.pool) + " pieces");
  return false;
}

constexpr std::array<Key<ClockModel>, 2> kClockKeys{{
    {"offset", field<ClockModel, &ClockModel::offset, read_duration>},
    {"drift_ppm",
     field<ClockModel, &ClockModel::drift_ppm, read_count<int64_t, -kDriftMaxPpm, kDriftMaxPpm>>},
}};

void read_clock(Reader& reader, const TomlValue& value, ClockModel& into) {
  if (!require_table(reader, value, "a table such as { offset = \"1h\", drift_ppm = 50 }")) return;
  read_keys<ClockModel>(reader, value, "the clock", kClockKeys, into);
}

constexpr std::array<Key<DiskModel>, 3> kDiskKeys{{
    {"latency", field<DiskModel, &DiskModel::latency, read_duration>},
    {"capacity", field<DiskModel, &DiskModel::capacity, read_positive_size>},
    {"lies", field<DiskModel, &DiskModel::lies, read_flag>},
}};

void read_disk(Reader& reader, const TomlValue& value, DiskModel& into) {
  if (!require_table(reader, value, "a table such as { latency = \"5ms\", capacity = \"1GiB\" }")) {
    return;
  }
  read_keys<DiskModel>(reader, value, "the disk", kDiskKeys, into);
}

// node = { option = value }.

// The value as the option takes it; nullopt, with an error, when it is of the wrong kind.
std::optional<std::string> setting_text(Reader& reader, const NodeOption& option,
                                        const TomlValue& value) {
  const bool is_count = option.kind == "count";
  if (is_count && value.kind == TomlValue::Kind::integer) return std::to_string(value.integer);
  if (!is_count && value.kind == TomlValue::Kind::string) return value.text;
  const std::string_view meant = is_count                ? "a whole number without quotes"
                                 : option.kind == "size" ? "a size in quotes such as \"64KiB\""
                                                         : "a duration in quotes such as \"5s\"";
  reader.fail(value, std::string(meant) + " is meant, not " + std::string(kind_text(value.kind)));
  return std::nullopt;
}

std::vector<std::string_view> option_names() {
  std::vector<std::string_view> names;
  for (const NodeOption& option : node_options()) names.push_back(option.name);
  return names;
}

void read_settings(Reader& reader, const TomlValue& value, std::vector<NodeSetting>& into) {
  if (!require_table(reader, value, "a table such as { pex_interval = \"10s\" }")) return;
  Config config;
  config.piece_size = reader.piece_size;
  for (const TomlMember& member : value.members) {
    const NodeOption* option = find_node_option(member.key);
    if (option == nullptr) {
      unknown_key(reader, member, "the node's options", option_names());
      continue;
    }
    auto text = setting_text(reader, *option, member.value);
    if (!text) continue;
    const std::string wrong = option->apply(config, *text);
    if (!wrong.empty()) reader.fail(member.value, in_quotes(*text) + " " + wrong);
    into.push_back(NodeSetting{member.key, std::move(*text)});
  }
}

constexpr std::array<Key<NodeGroup>, 20> kNodeKeys{{
    // declare_nodes has told what is wrong with these.
    {"id", [](Reader&, const TomlValue& value, NodeGroup& group) { group.id = value.text; }},
    {"count", [](Reader&, const TomlValue&, NodeGroup&) {}},
    {"server", field<NodeGroup, &NodeGroup::server, read_flag>},
    {"started", field<NodeGroup, &NodeGroup::started, read_flag>},
    {"start", read_start},
    {"bootstrap", field<NodeGroup, &NodeGroup::bootstrap, read_node_set>},
    {"demo", optional_field<NodeGroup, &NodeGroup::demo, read_demo>},
    {"shares", field<NodeGroup, &NodeGroup::shares, read_contents>},
    {"wants", field<NodeGroup, &NodeGroup::wants, read_contents>},
    {"inbound", field<NodeGroup, &NodeGroup::inbound, read_flag>},
    {"networks", field<NodeGroup, &NodeGroup::networks, read_count<uint32_t, 1, kNodesMax>>},
    {"host", field<NodeGroup, &NodeGroup::host, read_id>},
    {"near", field<NodeGroup, &NodeGroup::near, read_content>},
    {"behaviour", field<NodeGroup, &NodeGroup::behaviour, read_behaviour>},
    {"names", field<NodeGroup, &NodeGroup::names, read_node_set>},
    {"bandwidth", optional_field<NodeGroup, &NodeGroup::bandwidth, read_bandwidth>},
    {"latency", optional_field<NodeGroup, &NodeGroup::latency, read_latency>},
    {"clock", field<NodeGroup, &NodeGroup::clock, read_clock>},
    {"disk", field<NodeGroup, &NodeGroup::disk, read_disk>},
    {"node", field<NodeGroup, &NodeGroup::node, read_settings>},
}};

// What one group says against itself.
void check_group(Reader& reader, const TomlValue& table, const NodeGroup& group) {
  const auto value_of_key = [&](std::string_view key) -> const TomlValue& {
    return table.find(key)->value;
  };
  if (!group.started && table.find("start") != nullptr) {
    reader.fail(value_of_key("start"), "with started = false only an event starts the nodes");
  }
  // A division, as the product may not fit.
  if (group.count > 1 && group.start_at <= reader.stop &&
      group.start_every > (reader.stop - group.start_at) / (group.count - 1)) {
    reader.fail(value_of_key("start"), "the last of these nodes would start after " +
                                           exact_duration_text(reader.stop) +
                                           ", when the run stops");
  }
  if (!group.host.empty() && group.networks > 0) {
    reader.fail(value_of_key("networks"), "nodes of one host are in one network");
  }
  if (!group.names.empty() && group.behaviour != Behaviour::address_flood &&
      group.behaviour != Behaviour::victim_liar) {
    reader.errors.add(table.find("names")->place,
                      R"("names" goes with behaviour = "address_flood" or "victim_liar" only)");
  }
  if (group.server && !group.near.empty()) {
    reader.fail(value_of_key("near"), "a server is on port 8100, wherever that is in the network");
  }
  for (const std::string& content : group.wants) {
    if (std::find(group.shares.begin(), group.shares.end(), content) == group.shares.end())
      continue;
    reader.fail(value_of_key("wants"), "the nodes share " + in_quotes(content) + " already");
  }
}

// What all groups together may not exceed.
class Totals {
 public:
  void add(Reader& reader, const TomlValue& table, const NodeGroup& group) {
    add_nodes(reader, table, group);
    add_networks(reader, table, group);
    if (group.server && !group.host.empty()) add_server(reader, table, group);
  }

 private:
  void add_nodes(Reader& reader, const TomlValue& table, const NodeGroup& group) {
    const uint64_t before = nodes_;
    nodes_ += group.count;
    if (before > uint64_t{kNodesMax} || nodes_ <= uint64_t{kNodesMax}) return;
    reader.fail(place_of(table, "count"), "these make " + std::to_string(nodes_) +
                                              " nodes; 100000 are the most of a scenario");
  }

  void add_networks(Reader& reader, const TomlValue& table, const NodeGroup& group) {
    const uint64_t before = networks_;
    if (!group.host.empty()) {
      networks_ += hosts_.insert(group.host).second ? uint64_t{1} : uint64_t{0};
    } else {
      networks_ += group.networks > 0 ? std::min(group.networks, group.count) : group.count;
    }
    if (before > kNetworksMax || networks_ <= kNetworksMax) return;
    reader.fail(place_of(table, "networks"),
                "these make " + std::to_string(networks_) +
                    " networks, of which there are 50000; spread the nodes with \"networks\"");
  }

  void add_server(Reader& reader, const TomlValue& table, const NodeGroup& group) {
    if (group.count == 1 && servers_.insert(group.host).second) return;
    reader.fail(place_of(table, "server"), "only one node of host " + in_quotes(group.host) +
                                               " can be the server on port 8100");
  }

  static const TomlValue& place_of(const TomlValue& table, std::string_view key) {
    const TomlMember* member = table.find(key);
    return member != nullptr ? member->value : table;
  }

  uint64_t nodes_ = 0;
  uint64_t networks_ = 0;
  std::set<std::string> hosts_;
  std::set<std::string> servers_;
};

// The ids of a list of tables, told to `declare` if they are right and new.
template <class Map, class Declare>
void declare_ids(Reader& reader, const TomlValue& value, std::string_view section, const Map& known,
                 Declare declare) {
  require_tables(reader, value, section);
  for (const TomlValue& table : value.items) {
    if (table.kind != TomlValue::Kind::table) continue;
    if (!require_key(reader, table, "id", section)) continue;
    const TomlValue& id_value = table.find("id")->value;
    std::string id;
    if (!read_id(reader, id_value, id)) continue;
    const auto found = known.find(id);
    if (found != known.end()) {
      const Place before = found->second;
      reader.fail(id_value,
                  in_quotes(id) + " is the id of line " + std::to_string(before.line) + " already");
      continue;
    }
    declare(table, id, id_value.place);
  }
}

constexpr std::array<Key<Content>, 2> kContentKeys{{
    {"id", [](Reader&, const TomlValue& value, Content& content) { content.id = value.text; }},
    {"size", field<Content, &Content::size, read_size>},
}};

}  // namespace

void require_tables(Reader& reader, const TomlValue& value, std::string_view section) {
  const std::string meant_text = "a list of tables, each " + std::string(section) + ",";
  if (value.kind != TomlValue::Kind::list) {
    reader.fail(value, meant_text + " is meant, not " + std::string(kind_text(value.kind)));
  }
  for (const TomlValue& item : value.items) {
    require_table(reader, item, "a table of " + std::string(section));
  }
}

void declare_nodes(Reader& reader, const TomlValue& value) {
  std::map<std::string, Place, std::less<>> known;
  declare_ids(reader, value, kNodes, known,
              [&](const TomlValue& table, const std::string& id, Place place) {
                known.emplace(id, place);
                DeclaredGroup group;
                if (const TomlMember* count = table.find("count")) {
                  group.single = false;
                  group.count_known =
                      read_count<uint32_t, 1, kNodesMax>(reader, count->value, group.count);
                }
                reader.declared.groups.emplace(id, group);
              });
}

void declare_contents(Reader& reader, const TomlValue& value) {
  auto& known = reader.declared.contents;
  declare_ids(
      reader, value, kContent, known,
      [&](const TomlValue&, const std::string& id, Place place) { known.emplace(id, place); });
}

void read_nodes(Reader& reader, const TomlValue& value, std::vector<NodeGroup>& into) {
  if (value.kind == TomlValue::Kind::list && value.items.empty()) {
    reader.fail(value, "a scenario has nodes");
  }
  Totals totals;
  for (const TomlValue& table : value.items) {
    if (table.kind != TomlValue::Kind::table) continue;
    NodeGroup group;
    read_keys<NodeGroup>(reader, table, kNodes, kNodeKeys, group);
    const auto declared = reader.declared.groups.find(group.id);
    if (declared != reader.declared.groups.end()) {
      group.count = declared->second.count;
      group.single = declared->second.single;
    }
    check_group(reader, table, group);
    totals.add(reader, table, group);
    into.push_back(std::move(group));
  }
}

void read_content_list(Reader& reader, const TomlValue& value, std::vector<Content>& into) {
  for (const TomlValue& table : value.items) {
    if (table.kind != TomlValue::Kind::table) continue;
    Content content;
    read_keys<Content>(reader, table, kContent, kContentKeys, content);
    require_key(reader, table, "size", kContent);
    if (content.size > kContentMax) {
      reader.fail(table.find("size")->value, "1TiB is the most");
    }
    into.push_back(std::move(content));
  }
}

std::vector<SectionKeys> node_keys() {
  std::vector<std::string_view> options = option_names();
  return {
      {kNodes, key_names<NodeGroup>(kNodeKeys)},    {"start", key_names<NodeGroup>(kStartKeys)},
      {"demo", key_names<DemoShape>(kDemoKeys)},    {"latency", key_names(latency_keys())},
      {"bandwidth", key_names(bandwidth_keys())},   {"clock", key_names<ClockModel>(kClockKeys)},
      {"disk", key_names<DiskModel>(kDiskKeys)},    {"node", std::move(options)},
      {kContent, key_names<Content>(kContentKeys)},
  };
}

}  // namespace p2p::sim
