// Says have to every want, answers no ask, and stays alive.
#include "io_sim/peers/behaviours.h"
#include "io_sim/peers/speaking_peer.h"

namespace p2p::sim {

namespace {

class NeverGives final : public SpeakingPeer {
 public:
  NeverGives() : SpeakingPeer(lively_habits()) {}

 private:
  void heard(RawNet& net, ConnId conn, const Message& message) override {
    claim_to_have(net, conn, message);
  }

  void tick(RawNet& net) override { keep_alive(net); }
};

}  // namespace

std::unique_ptr<RawPeer> make_never_gives() { return std::make_unique<NeverGives>(); }

}  // namespace p2p::sim
