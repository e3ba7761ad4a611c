// What all hostile peers have in common: they dial their bootstrap nodes, and after a pause again
// when a connection ends; what they do on a connection does not depend on who dialled; they act in
// ticks, one timer for all connections.
//
// Memory: a connection costs a map entry here; how much is queued on one is for each behaviour to
// bound, by RawNet::unsent. Timers: one for each tick, one for each pause.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "io_sim/peers/raw_peer.h"

namespace p2p::sim {

struct Habits {
  Duration tick;  // zero: none
  Duration pause_min = Duration::seconds(2);
  Duration pause_max = Duration::seconds(10);
  size_t connections_each = 1;  // to each endpoint that it dials
  size_t learned_max = 0;       // endpoints that it dials beyond its bootstrap nodes
};

class HostilePeer : public RawPeer {
 public:
  void started(RawNet& net) override;
  void accepted(RawNet& net, ConnId conn, const Endpoint& remote) override;
  void connected(RawNet& net, ConnId conn) override;
  void connect_failed(RawNet& net, ConnId conn, NetError why) override;
  void received(RawNet& net, ConnId conn, std::span<const std::byte> bytes) override;
  void drained(RawNet& net, ConnId conn) override;
  void closed(RawNet& net, ConnId conn, NetError why) override;
  void timer(RawNet& net, uint64_t tag) override;
  void told(RawNet& net) override;

 protected:
  explicit HostilePeer(const Habits& habits) : habits_(habits) {}

  // A connection stands, whoever dialled.
  virtual void opened(RawNet& net, ConnId conn) = 0;
  // It is gone; nothing more can be done with it.
  virtual void ended(ConnId conn);
  virtual void tick(RawNet& net);
  // Whether it would dial what it has learned.
  virtual bool may_dial(RawNet& net, const Endpoint& endpoint) const;

  // One more endpoint to dial, if there is room and it isn't its own, dialled, or connected.
  void learn(RawNet& net, const Endpoint& endpoint);
  // The connections that stand, with their other ends. For an accepted one the port is that which
  // the other end dialled from.
  const std::map<ConnId, Endpoint>& open() const { return open_; }

 private:
  void dial(RawNet& net, size_t target);
  void dial_later(RawNet& net, ConnId conn);

  Habits habits_;
  std::vector<Endpoint> targets_;     // bootstrap nodes, then what it has learned
  std::map<ConnId, size_t> dialled_;  // under way or standing: the target's number
  std::map<ConnId, Endpoint> open_;
};

}  // namespace p2p::sim
