// [network].
#include <array>

#include "io_sim/scenario/sections.h"
#include "io_sim/scenario/values.h"

namespace p2p::sim {

namespace {

constexpr std::string_view kNetworkWhere = "[network]";

bool read_chunks(Reader& reader, const TomlValue& value, Chunks& into) {
  return read_named(reader, value, "way to cut", chunks_names(), into);
}

constexpr std::array<Key<NetworkModel>, 6> kNetworkKeys{{
    {"latency", field<NetworkModel, &NetworkModel::latency, read_latency>},
    {"jitter", field<NetworkModel, &NetworkModel::jitter, read_duration>},
    {"bandwidth", field<NetworkModel, &NetworkModel::bandwidth, read_bandwidth>},
    {"queue", field<NetworkModel, &NetworkModel::queue, read_positive_size>},
    {"chunks", field<NetworkModel, &NetworkModel::chunks, read_chunks>},
    {"loss", field<NetworkModel, &NetworkModel::loss, read_probability>},
}};

}  // namespace

void read_network(Reader& reader, const TomlValue& value, NetworkModel& into) {
  if (!require_table(reader, value, "a table [network]")) return;
  read_keys<NetworkModel>(reader, value, kNetworkWhere, kNetworkKeys, into);
}

SectionKeys network_keys() { return {kNetworkWhere, key_names<NetworkModel>(kNetworkKeys)}; }

}  // namespace p2p::sim
