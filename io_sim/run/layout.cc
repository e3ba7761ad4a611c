#include "io_sim/run/layout.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "engine/base/check.h"
#include "engine/overlay/place.h"
#include "io_sim/scenario/node_options.h"

namespace p2p::sim {

namespace {

constexpr uint16_t kServerPort = 8100;
constexpr uint16_t kFirstPort = 20'000;

// First octets with networks that are not public, or partly not.
constexpr std::array<uint8_t, 8> kSpecial{10, 100, 127, 169, 172, 192, 198, 203};

class Addresses {
 public:
  // A new address in the nth network of this scenario.
  Address in_network(uint32_t network) {
    const uint32_t host = ++hosts_[network];
    P2P_CHECK(host < 65'535);
    uint32_t first = 1 + network / 256;
    for (const uint8_t special : kSpecial) {
      if (first >= special) ++first;
    }
    P2P_CHECK(first < 224);
    return Address::v4(static_cast<uint8_t>(first), static_cast<uint8_t>(network % 256),
                       static_cast<uint8_t>(host >> 8), static_cast<uint8_t>(host & 255));
  }

 private:
  std::map<uint32_t, uint32_t> hosts_;  // by network: the last one given
};

class Ports {
 public:
  uint16_t on(const Address& address, bool server) {
    std::set<uint16_t>& taken = taken_[address];
    uint16_t port = server ? kServerPort : kFirstPort;
    if (taken.contains(port)) port = kFirstPort;
    while (taken.contains(port)) ++port;
    taken.insert(port);
    return port;
  }

  uint16_t nearest(const Address& address, const Digest& id) {
    std::set<uint16_t>& taken = taken_[address];
    std::optional<std::pair<Digest, uint16_t>> best;
    for (uint16_t i = 0; i < kPortsTried; ++i) {
      const auto port = static_cast<uint16_t>(kFirstPort + i);
      if (taken.contains(port)) continue;
      const std::pair found{distance(id, place_of({address, port})), port};
      if (!best || found < *best) best = found;
    }
    P2P_CHECK(best.has_value());
    taken.insert(best->second);
    return best->second;
  }

 private:
  std::map<Address, std::set<uint16_t>> taken_;
};

Config config_of(const Scenario& scenario, const NodeGroup& group, const Endpoint& endpoint) {
  Config config;
  config.piece_size = scenario.piece_size;
  config.listen_port = endpoint.port;
  for (const NodeSetting& setting : group.node) {
    const std::string wrong = find_node_option(setting.name)->apply(config, setting.value);
    P2P_CHECK(wrong.empty());
  }
  return config;
}

}  // namespace

std::vector<NodeFacts> lay_out(const Scenario& scenario,
                               const std::function<Digest(const std::string&)>& id_of) {
  std::vector<NodeFacts> nodes;
  Addresses addresses;
  Ports ports;
  std::map<std::string, Address> hosts;
  uint32_t networks = 0;
  for (uint32_t g = 0; g < scenario.nodes.size(); ++g) {
    const NodeGroup& group = scenario.nodes[g];
    const uint32_t own_networks = group.networks > 0 ? group.networks : group.count;
    for (uint32_t i = 0; i < group.count; ++i) {
      NodeFacts facts;
      facts.name = group.single ? group.id : group.id + "[" + std::to_string(i) + "]";
      facts.group = g;
      facts.in_group = i;
      const uint32_t network = networks + i % own_networks;
      if (group.host.empty()) {
        facts.endpoint.address = addresses.in_network(network);
      } else {
        const auto found = hosts.find(group.host);
        facts.endpoint.address = found != hosts.end()
                                     ? found->second
                                     : hosts[group.host] = addresses.in_network(network);
      }
      facts.endpoint.port = group.near.empty()
                                ? ports.on(facts.endpoint.address, group.server)
                                : ports.nearest(facts.endpoint.address, id_of(group.near));
      facts.inbound = group.inbound;
      facts.behaviour = group.behaviour;
      facts.config = config_of(scenario, group, facts.endpoint);
      nodes.push_back(std::move(facts));
    }
    networks += std::min(own_networks, group.count);
  }
  for (NodeFacts& facts : nodes) {
    for (const NodeIndex node : nodes_of(scenario, scenario.nodes[facts.group].bootstrap)) {
      if (&nodes[node] == &facts) continue;
      const Endpoint at = reachable_at(nodes[node], facts);
      facts.config.bootstrap.push_back({at.address.text(), at.port});
    }
  }
  return nodes;
}

Endpoint reachable_at(const NodeFacts& to, const NodeFacts& from) {
  if (to.endpoint.address == from.endpoint.address) return {Address::loopback(), to.endpoint.port};
  return to.endpoint;
}

}  // namespace p2p::sim
