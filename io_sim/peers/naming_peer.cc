#include "io_sim/peers/naming_peer.h"

#include <algorithm>

namespace p2p::sim {

namespace {

constexpr size_t kNamedRecords = 50;  // what a list may hold
constexpr size_t kNamingUnsentMax = size_t{16} << 10;

Habits habits() {
  Habits habits;
  habits.tick = Duration::seconds(10);
  // Hundreds of them that dial a full node every few seconds would test nothing but the simulator.
  habits.pause_min = Duration::seconds(30);
  habits.pause_max = Duration::seconds(60);
  habits.learned_max = 8;
  return habits;
}

}  // namespace

NamingPeer::NamingPeer() : SpeakingPeer(habits()) {}

bool NamingPeer::may_dial(RawNet& net, const Endpoint& endpoint) const {
  const auto& named = net.facts().named;
  return named == nullptr || !std::binary_search(named->begin(), named->end(), endpoint);
}

void NamingPeer::tick(RawNet& net) {
  const auto& named = net.facts().named;
  if (named == nullptr || named->empty()) return keep_alive(net);
  for (const auto& [conn, remote] : open()) {
    if (net.unsent(conn) > kNamingUnsentMax) continue;
    PeerMessage list;
    while (list.records.size() < kNamedRecords) {
      list.records.push_back(name_one(net.random(), *named));
    }
    say(net, conn, list);
  }
}

}  // namespace p2p::sim
