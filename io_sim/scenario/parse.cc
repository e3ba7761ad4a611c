// The whole of a scenario file: first what everything else is checked against (the time at which
// the run stops, the piece size, the ids of nodes and content), then all other tables.
#include "io_sim/scenario/parse.h"

#include <array>
#include <charconv>

#include "io_sim/scenario/sections.h"
#include "io_sim/scenario/suggestions.h"
#include "io_sim/scenario/values.h"

namespace p2p::sim {

namespace {

constexpr std::string_view kFile = "the file";
constexpr int64_t kSchema = 1;

void read_schema(Reader& reader, const TomlValue& value, Scenario&) {
  int64_t schema = 0;
  if (value.kind == TomlValue::Kind::integer && value.integer == kSchema) return;
  if (value.kind != TomlValue::Kind::integer) {
    read_integer(reader, value, kSchema, kSchema, schema);
    return;
  }
  reader.fail(value, "schema " + std::to_string(value.integer) +
                         " is not known to this program, which reads schema 1");
}

// TOML's numbers end at 2^63 - 1; a seed above that is written in quotes.
void read_seed(Reader& reader, const TomlValue& value, Scenario& into) {
  if (value.kind == TomlValue::Kind::integer && value.integer >= 0) {
    into.seed = static_cast<uint64_t>(value.integer);
    return;
  }
  if (value.kind == TomlValue::Kind::string) {
    const char* const end = value.text.data() + value.text.size();
    const auto result = std::from_chars(value.text.data(), end, into.seed);
    if (result.ec == std::errc() && result.ptr == end) return;
  }
  reader.fail(value,
              "a whole number from 0 to 18446744073709551615 is meant, in quotes if it is "
              "above 9223372036854775807");
}

void read_piece_size(Reader& reader, const TomlValue& value, Scenario& into) {
  uint64_t bytes = 0;
  if (!read_size(reader, value, bytes)) return;
  if (const auto size = PieceSize::from_bytes(bytes)) {
    into.piece_size = *size;
  } else {
    reader.fail(value, "a piece size is a power of two from 1KiB to 16MiB");
  }
}

void read_later(Reader&, const TomlValue&, Scenario&) {}

constexpr std::array<Key<Scenario>, 13> kKeys{{
    {"schema", read_schema},
    {"name", field<Scenario, &Scenario::name, read_text>},
    {"seed", read_seed},
    {"stop", field<Scenario, &Scenario::stop, read_positive_duration>},
    {"piece_size", read_piece_size},
    {"network", read_later},
    {"nodes",
     [](Reader& reader, const TomlValue& value, Scenario&) { declare_nodes(reader, value); }},
    {"content",
     [](Reader& reader, const TomlValue& value, Scenario&) { declare_contents(reader, value); }},
    {"events", read_later},
    {"swarm", read_later},
    {"expect", read_later},
    {"always", read_later},
    {"promise", read_later},
}};

void read_sections(Reader& reader, const TomlValue& root, Scenario& into) {
  const auto with = [&](std::string_view key, auto read) {
    if (const TomlMember* member = root.find(key)) read(member->value);
  };
  with("network", [&](const auto& value) { read_network(reader, value, into.network); });
  with("nodes", [&](const auto& value) { read_nodes(reader, value, into.nodes); });
  with("content", [&](const auto& value) { read_content_list(reader, value, into.contents); });
  with("events", [&](const auto& value) { read_events(reader, value, into.events); });
  with("swarm", [&](const auto& value) { read_swarm(reader, value, into.swarm); });
  with("expect", [&](const auto& value) { read_expectations(reader, value, into.expectations); });
  with("always", [&](const auto& value) { read_always(reader, value, into); });
  with("promise", [&](const auto& value) { read_promise(reader, value, into.promise); });
}

}  // namespace

ParsedScenario parse_scenario(std::string_view toml, const std::string& file,
                              std::span<const std::string_view> known_invariants) {
  ErrorList errors(toml, file);
  const auto root = read_toml(toml, errors);
  if (!root) return errors.in_order();
  Reader reader{errors, known_invariants, {}, {}, {}};
  Scenario scenario;
  require_key(reader, *root, "schema", kFile);
  read_keys<Scenario>(reader, *root, kFile, kKeys, scenario);
  require_key(reader, *root, "nodes", kFile);
  reader.stop = scenario.stop;
  reader.piece_size = scenario.piece_size;
  read_sections(reader, *root, scenario);
  if (errors.size() > 0) return errors.in_order();
  return scenario;
}

std::vector<SectionKeys> scenario_keys() {
  std::vector<SectionKeys> all{{"", key_names<Scenario>(kKeys)}, network_keys()};
  for (const auto& sections : {node_keys(), event_keys(), run_keys()}) {
    all.insert(all.end(), sections.begin(), sections.end());
  }
  return all;
}

}  // namespace p2p::sim
