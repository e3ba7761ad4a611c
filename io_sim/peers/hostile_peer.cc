#include "io_sim/peers/hostile_peer.h"

#include <algorithm>

#include "io_sim/peers/timer_tag.h"

namespace p2p::sim {

void HostilePeer::started(RawNet& net) {
  if (habits_.tick > Duration()) {
    // Peers that start together do not act together.
    const Duration first = net.random().between(Duration(), habits_.tick);
    net.set_timer(first, TimerTag{TimerKind::tick}.packed());
  }
  targets_ = net.facts().bootstrap;
  for (size_t target = 0; target < targets_.size(); ++target) {
    for (size_t i = 0; i < habits_.connections_each; ++i) dial(net, target);
  }
}

void HostilePeer::accepted(RawNet& net, ConnId conn, const Endpoint& remote) {
  open_[conn] = remote;
  opened(net, conn);
}

void HostilePeer::connected(RawNet& net, ConnId conn) {
  open_[conn] = targets_[dialled_.at(conn)];
  opened(net, conn);
}

void HostilePeer::connect_failed(RawNet& net, ConnId conn, NetError) { dial_later(net, conn); }

void HostilePeer::received(RawNet&, ConnId, std::span<const std::byte>) {}

void HostilePeer::drained(RawNet&, ConnId) {}

void HostilePeer::closed(RawNet& net, ConnId conn, NetError) {
  net.close(conn);
  open_.erase(conn);
  ended(conn);
  dial_later(net, conn);
}

void HostilePeer::timer(RawNet& net, uint64_t tag) {
  const TimerTag what = TimerTag::unpacked(tag);
  if (what.kind == TimerKind::redial) return dial(net, static_cast<size_t>(what.of));
  net.set_timer(habits_.tick, tag);
  tick(net);
}

void HostilePeer::told(RawNet&) {}

void HostilePeer::ended(ConnId) {}

void HostilePeer::tick(RawNet&) {}

bool HostilePeer::may_dial(RawNet&, const Endpoint&) const { return true; }

void HostilePeer::learn(RawNet& net, const Endpoint& endpoint) {
  const RawFacts& facts = net.facts();
  if (targets_.size() >= facts.bootstrap.size() + habits_.learned_max) return;
  if (endpoint == facts.endpoint || endpoint.port == 0 || endpoint.address.is_loopback()) return;
  if (!may_dial(net, endpoint)) return;
  if (std::find(targets_.begin(), targets_.end(), endpoint) != targets_.end()) return;
  // Two connections with one node would be one too many for it.
  const bool connected = std::any_of(open_.begin(), open_.end(), [&endpoint](const auto& entry) {
    return entry.first.is_accepted() && entry.second.address == endpoint.address;
  });
  if (connected) return;
  targets_.push_back(endpoint);
  for (size_t i = 0; i < habits_.connections_each; ++i) dial(net, targets_.size() - 1);
}

void HostilePeer::dial(RawNet& net, size_t target) {
  const ConnId conn = net.dial(targets_[target]);
  dialled_[conn] = target;
}

void HostilePeer::dial_later(RawNet& net, ConnId conn) {
  const auto found = dialled_.find(conn);
  if (found == dialled_.end()) return;
  const size_t target = found->second;
  dialled_.erase(found);
  const Duration pause = net.random().between(habits_.pause_min, habits_.pause_max);
  net.set_timer(pause, TimerTag{TimerKind::redial, target}.packed());
}

}  // namespace p2p::sim
