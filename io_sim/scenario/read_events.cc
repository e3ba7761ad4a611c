// [[events]] and [[expect]].
#include <algorithm>
#include <array>
#include <tuple>

#include "io_sim/scenario/names.h"
#include "io_sim/scenario/references.h"
#include "io_sim/scenario/sections.h"
#include "io_sim/scenario/suggestions.h"
#include "io_sim/scenario/values.h"

namespace p2p::sim {

namespace {

constexpr std::string_view kEvents = "[[events]]";
constexpr std::string_view kExpect = "[[expect]]";
constexpr std::string_view kWhen = "the condition";
constexpr uint32_t kAll = ~uint32_t{0};

template <class... Enums>
constexpr uint32_t kinds(Enums... values) {
  return ((uint32_t{1} << static_cast<unsigned>(values)) | ...);
}

template <class Enum>
bool is_of(Enum value, uint32_t set) {
  return (set & kinds(value)) != 0;
}

// The kind of a table by its key; nullopt, with an error, when that is missing or wrong.
template <class Enum>
std::optional<Enum> kind_of(Reader& reader, const TomlValue& table, std::string_view key,
                            std::string_view where, std::string_view subject,
                            std::span<const Named<Enum>> names) {
  Enum kind{};
  if (!require_key(reader, table, key, where)) return std::nullopt;
  if (!read_named(reader, table.find(key)->value, subject, names, kind)) return std::nullopt;
  return kind;
}

template <class Enum>
std::optional<TableKind> table_kind(std::string_view by, std::optional<Enum> value,
                                    std::span<const Named<Enum>> names) {
  if (!value) return std::nullopt;
  return TableKind{by, static_cast<size_t>(*value), words(names)};
}

template <class T>
void read_earlier(Reader&, const TomlValue&, T&) {}

// Conditions: of [[expect]] and of `when`, which has the first of its keys.

constexpr uint32_t kOfPeers = kinds(Claim::knows, Claim::no_connection_to, Claim::connected_to);
constexpr uint32_t kOfCount = kinds(
    Claim::knows_at_least, Claim::knows_at_most, Claim::diameter_at_most, Claim::degree_at_least,
    Claim::degree_at_most, Claim::honest_neighbours_at_least, Claim::dials_per_minute_at_most,
    Claim::bytes_per_hour_at_most, Claim::pieces_given_at_least);
constexpr uint32_t kOfShare =
    kinds(Claim::connected, Claim::degree_at_least, Claim::degree_at_most,
          Claim::share_of_connections_at_most, Claim::dialled_honest_at_least);
constexpr uint32_t kOfContent = kinds(Claim::holds);

void read_condition_nodes(Reader& reader, const TomlValue& value, Expectation& into) {
  read_node_set(reader, value, into.condition.nodes);
}
void read_condition_peers(Reader& reader, const TomlValue& value, Expectation& into) {
  read_node_set(reader, value, into.condition.peers);
}
void read_condition_count(Reader& reader, const TomlValue& value, Expectation& into) {
  read_count<uint64_t, 0, 1'000'000>(reader, value, into.condition.count);
}
void read_condition_share(Reader& reader, const TomlValue& value, Expectation& into) {
  read_share(reader, value, into.condition.share);
}
void read_condition_content(Reader& reader, const TomlValue& value, Expectation& into) {
  read_content(reader, value, into.condition.content);
}

constexpr std::array<Key<Expectation>, 9> kExpectKeys{{
    {"that", read_earlier<Expectation>},
    {"nodes", read_condition_nodes},
    {"peers", read_condition_peers, kOfPeers},
    {"peer", read_condition_peers, kOfPeers},
    {"count", read_condition_count, kOfCount},
    {"share", read_condition_share, kOfShare},
    {"content", read_condition_content, kOfContent},
    {"by", field<Expectation, &Expectation::by, read_duration>},
    {"stays", field<Expectation, &Expectation::stays, read_flag>},
}};
constexpr size_t kConditionKeys = 7;

void require_condition_keys(Reader& reader, const TomlValue& table, Claim claim) {
  const std::string where = "that = " + in_quotes(name_of(claim_names(), claim));
  const TomlMember* peers = table.find("peers");
  const TomlMember* peer = table.find("peer");
  if (peers != nullptr && peer != nullptr) {
    reader.errors.add(std::max(peers, peer)->place, "\"peer\" and \"peers\" are the same");
  }
  if (is_of(claim, kOfPeers) && peer == nullptr) require_key(reader, table, "peers", where);
  if (is_of(claim, kOfCount)) require_key(reader, table, "count", where);
  if (needs_share(claim)) require_key(reader, table, "share", where);
  if (is_of(claim, kOfContent)) require_key(reader, table, "content", where);
}

void read_claim(Reader& reader, const TomlValue& table, std::string_view where,
                std::span<const Key<Expectation>> keys, Expectation& into) {
  const auto claim = kind_of(reader, table, "that", where, "claim", claim_names());
  read_keys(reader, table, where, keys, into, table_kind("that", claim, claim_names()));
  if (!claim) return;
  into.condition.that = *claim;
  require_condition_keys(reader, table, *claim);
}

void read_when(Reader& reader, const TomlValue& value, ScriptedEvent& into) {
  constexpr std::string_view kMeant =
      "a table such as { that = \"connected\", nodes = \"peer[*]\" }";
  if (!require_table(reader, value, kMeant)) return;
  Expectation scratch;
  read_claim(reader, value, kWhen, std::span(kExpectKeys).first(kConditionKeys), scratch);
  into.when = std::move(scratch.condition);
}

// Events.

bool read_disk_after(Reader& reader, const TomlValue& value, DiskAfter& into) {
  return read_named(reader, value, "state of a disk", disk_after_names(), into);
}
bool read_disk_fault(Reader& reader, const TomlValue& value, DiskFault& into) {
  return read_named(reader, value, "fault", disk_fault_names(), into);
}

void read_groups(Reader& reader, const TomlValue& value, ScriptedEvent& into) {
  constexpr std::string_view kMeant =
      "a list of two or more lists of nodes such as [[\"boot\"], [\"peer[*]\"]]";
  const bool is_list = value.kind == TomlValue::Kind::list;
  if (!is_list || value.items.size() < 2) {
    reader.fail(value, std::string(kMeant) + " is meant" +
                           (is_list ? "" : ", not " + std::string(kind_text(value.kind))));
    return;
  }
  for (const TomlValue& item : value.items) {
    read_node_set(reader, item, into.groups.emplace_back());
  }
}

constexpr uint32_t kNodeDeeds = kAll & ~kinds(Deed::partition, Deed::heal);
constexpr uint32_t kEnding = kinds(Deed::stop, Deed::kill, Deed::crash, Deed::restart);
constexpr uint32_t kOneByOne =
    kEnding | kinds(Deed::start, Deed::want, Deed::share);  // a deed for each node
constexpr uint32_t kOfContentDeeds = kinds(Deed::want, Deed::share);

constexpr std::array<Key<ScriptedEvent>, 18> kEventKeys{{
    {"at", field<ScriptedEvent, &ScriptedEvent::at, read_duration>},
    {"when", read_when},
    {"do", read_earlier<ScriptedEvent>},
    {"every", field<ScriptedEvent, &ScriptedEvent::every, read_positive_duration>, kOneByOne},
    {"nodes", field<ScriptedEvent, &ScriptedEvent::nodes, read_node_set>, kNodeDeeds},
    {"peers", field<ScriptedEvent, &ScriptedEvent::peers, read_node_set>,
     kinds(Deed::reset, Deed::clog)},
    {"groups", read_groups, kinds(Deed::partition)},
    {"oneway", field<ScriptedEvent, &ScriptedEvent::oneway, read_flag>, kinds(Deed::partition)},
    {"heal_after", optional_field<ScriptedEvent, &ScriptedEvent::lasts, read_positive_duration>,
     kinds(Deed::partition)},
    {"lasts", optional_field<ScriptedEvent, &ScriptedEvent::lasts, read_positive_duration>,
     kinds(Deed::link, Deed::clog, Deed::disk)},
    {"restart_after",
     optional_field<ScriptedEvent, &ScriptedEvent::restart_after, read_positive_duration>, kEnding},
    {"disk", field<ScriptedEvent, &ScriptedEvent::disk, read_disk_after>, kinds(Deed::crash)},
    {"fault", field<ScriptedEvent, &ScriptedEvent::fault, read_disk_fault>, kinds(Deed::disk)},
    {"one_in", field<ScriptedEvent, &ScriptedEvent::one_in, read_count<uint64_t, 1, 1'000'000>>,
     kinds(Deed::disk)},
    {"latency", optional_field<ScriptedEvent, &ScriptedEvent::latency, read_latency>,
     kinds(Deed::link)},
    {"bandwidth", optional_field<ScriptedEvent, &ScriptedEvent::bandwidth, read_bandwidth>,
     kinds(Deed::link)},
    {"loss", optional_field<ScriptedEvent, &ScriptedEvent::loss, read_probability>,
     kinds(Deed::link)},
    {"content", field<ScriptedEvent, &ScriptedEvent::content, read_content>, kOfContentDeeds},
}};

void check_time(Reader& reader, const TomlValue& table, const ScriptedEvent& event) {
  const TomlMember* at = table.find("at");
  const TomlMember* when = table.find("when");
  if (at == nullptr && when == nullptr) {
    reader.fail(table, "the event lacks the key \"at\" or \"when\"");
  } else if (at != nullptr && when != nullptr) {
    reader.errors.add(when->place, "an event has \"at\" or \"when\", not both");
  } else if (at != nullptr && event.at > reader.stop) {
    reader.fail(at->value, stops_before(reader));
  }
}

// No node may be in a partition twice.
void check_groups(Reader& reader, const TomlValue& table, const ScriptedEvent& event) {
  NodeSet all;
  for (const NodeSet& group : event.groups) all.insert(all.end(), group.begin(), group.end());
  std::sort(all.begin(), all.end(), [](const NodeRange& a, const NodeRange& b) {
    return std::tie(a.group, a.first, a.last) < std::tie(b.group, b.first, b.last);
  });
  for (size_t i = 1; i < all.size(); ++i) {
    if (all[i].group != all[i - 1].group || all[i].first > all[i - 1].last) continue;
    const DeclaredGroup& group = reader.declared.groups.find(all[i].group)->second;
    const NodeRange twice{all[i].group, all[i].first, all[i].first};
    reader.fail(table.find("groups")->value,
                in_quotes(node_range_text(twice, group.single)) + " is in the groups twice");
    return;
  }
}

void check_disk_fault(Reader& reader, const TomlValue& table, const ScriptedEvent& event) {
  if (!require_key(reader, table, "fault", "do = \"disk\"")) return;
  const bool rots = event.fault == DiskFault::rot;
  if (const TomlMember* one_in = table.find("one_in"); one_in != nullptr && !rots) {
    reader.errors.add(one_in->place, "\"one_in\" goes with fault = \"rot\" only");
  }
  const TomlMember* lasts = table.find("lasts");
  if (lasts != nullptr && (rots || event.fault == DiskFault::good)) {
    reader.errors.add(lasts->place,
                      "\"lasts\" goes with fault = \"full\", \"failing\" or \"slow\"");
  }
}

void check_link(Reader& reader, const TomlValue& table) {
  constexpr std::array<std::string_view, 3> kChanges{"latency", "bandwidth", "loss"};
  const bool changes = std::any_of(kChanges.begin(), kChanges.end(), [&](std::string_view key) {
    return table.find(key) != nullptr;
  });
  if (!changes)
    reader.fail(table, "do = \"link\" lacks a key \"latency\", \"bandwidth\" or \"loss\"");
}

void check_event(Reader& reader, const TomlValue& table, const ScriptedEvent& event) {
  const std::string where = "do = " + in_quotes(name_of(deed_names(), event.deed));
  if (is_of(event.deed, kNodeDeeds)) require_key(reader, table, "nodes", where);
  if (is_of(event.deed, kOfContentDeeds)) require_key(reader, table, "content", where);
  if (event.deed == Deed::partition && require_key(reader, table, "groups", where)) {
    check_groups(reader, table, event);
  }
  if (event.deed == Deed::disk) check_disk_fault(reader, table, event);
  if (event.deed == Deed::link) check_link(reader, table);
}

}  // namespace

void read_events(Reader& reader, const TomlValue& value, std::vector<ScriptedEvent>& into) {
  require_tables(reader, value, kEvents);
  for (const TomlValue& table : value.items) {
    if (table.kind != TomlValue::Kind::table) continue;
    ScriptedEvent event;
    const auto deed = kind_of(reader, table, "do", kEvents, "deed", deed_names());
    read_keys<ScriptedEvent>(reader, table, kEvents, kEventKeys, event,
                             table_kind("do", deed, deed_names()));
    check_time(reader, table, event);
    if (deed) {
      event.deed = *deed;
      check_event(reader, table, event);
    }
    into.push_back(std::move(event));
  }
}

void read_expectations(Reader& reader, const TomlValue& value, std::vector<Expectation>& into) {
  require_tables(reader, value, kExpect);
  for (const TomlValue& table : value.items) {
    if (table.kind != TomlValue::Kind::table) continue;
    Expectation expectation;
    read_claim(reader, table, kExpect, kExpectKeys, expectation);
    if (require_key(reader, table, "by", kExpect) && expectation.by > reader.stop) {
      reader.fail(table.find("by")->value, stops_before(reader));
    }
    into.push_back(std::move(expectation));
  }
}

std::vector<SectionKeys> event_keys() {
  const std::span<const Key<Expectation>> expect = kExpectKeys;
  return {
      {kEvents, key_names<ScriptedEvent>(kEventKeys)},
      {"when", key_names(expect.first(kConditionKeys))},
      {kExpect, key_names(expect)},
  };
}

}  // namespace p2p::sim
