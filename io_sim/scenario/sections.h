// The tables of a scenario file, each with its reader. Values that are wrong are told of and left
// as they were.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "io_sim/scenario/reader.h"

namespace p2p::sim {

void read_network(Reader& reader, const TomlValue& value, NetworkModel& into);

// First of all what every [[nodes]] and [[content]] is called.
void declare_nodes(Reader& reader, const TomlValue& value);
void declare_contents(Reader& reader, const TomlValue& value);
void read_nodes(Reader& reader, const TomlValue& value, std::vector<NodeGroup>& into);
void read_content_list(Reader& reader, const TomlValue& value, std::vector<Content>& into);

void read_events(Reader& reader, const TomlValue& value, std::vector<ScriptedEvent>& into);
void read_expectations(Reader& reader, const TomlValue& value, std::vector<Expectation>& into);

void read_swarm(Reader& reader, const TomlValue& value, std::optional<Swarm>& into);
void read_always(Reader& reader, const TomlValue& value, Scenario& into);
void read_promise(Reader& reader, const TomlValue& value, Promise& into);

// The keys of one kind of table, for the documentation.
struct SectionKeys {
  std::string_view section;  // "[network]"
  std::vector<std::string_view> keys;
};
SectionKeys network_keys();
std::vector<SectionKeys> node_keys();
std::vector<SectionKeys> event_keys();
std::vector<SectionKeys> run_keys();
// All of them, the keys of the file itself first, under "".
std::vector<SectionKeys> scenario_keys();

// Tells what is not a table in a value that should be a list of tables.
void require_tables(Reader& reader, const TomlValue& value, std::string_view section);

}  // namespace p2p::sim
