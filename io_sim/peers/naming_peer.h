// A peer that does all that a live one does but for what its peer lists say: every ten seconds, as
// often as an honest node may, it names fifty endpoints to everybody that it is connected with. It
// holds as many connections with honest nodes as it can, and dials nobody whom it names.
#pragma once

#include "io_sim/peers/speaking_peer.h"

namespace p2p::sim {

class NamingPeer : public SpeakingPeer {
 protected:
  NamingPeer();

  // One that its lists may name. `named` is that of its scenario, and not empty.
  virtual Endpoint name_one(Random& random, const std::vector<Endpoint>& named) = 0;

 private:
  bool may_dial(RawNet& net, const Endpoint& endpoint) const override;
  void tick(RawNet& net) override;
};

}  // namespace p2p::sim
