// Names of nodes and content in a scenario file, checked against those that it declares.
#pragma once

#include <string>
#include <vector>

#include "io_sim/scenario/reader.h"

namespace p2p::sim {

// "boot", "peer[3]", "peer[0..9]", "peer[*]", or a list of such; not an empty one.
bool read_node_set(Reader& reader, const TomlValue& value, NodeSet& into);
// Ids of [[content]], one or a list; not an empty one, none twice.
bool read_contents(Reader& reader, const TomlValue& value, std::vector<std::string>& into);
bool read_content(Reader& reader, const TomlValue& value, std::string& into);

}  // namespace p2p::sim
