// Accepts and dials, and never says a byte.
#include "io_sim/peers/behaviours.h"
#include "io_sim/peers/hostile_peer.h"

namespace p2p::sim {

namespace {

class Silent final : public HostilePeer {
 public:
  Silent() : HostilePeer(habits()) {}

 private:
  static Habits habits() {
    Habits habits;
    habits.pause_min = Duration::seconds(30);
    habits.pause_max = Duration::seconds(60);
    return habits;
  }

  void opened(RawNet&, ConnId) override {}
};

}  // namespace

std::unique_ptr<RawPeer> make_silent() { return std::make_unique<Silent>(); }

}  // namespace p2p::sim
