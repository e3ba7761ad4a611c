// Floods peer lists of endpoints that are alive: those of its accomplices, whom the scenario names.
// Whoever dials what it hears ends up among them.
#include "io_sim/peers/behaviours.h"
#include "io_sim/peers/naming_peer.h"

namespace p2p::sim {

namespace {

class AddressFlood final : public NamingPeer {
  Endpoint name_one(Random& random, const std::vector<Endpoint>& named) override {
    return named[static_cast<size_t>(random.below(named.size()))];
  }
};

}  // namespace

std::unique_ptr<RawPeer> make_address_flood() { return std::make_unique<AddressFlood>(); }

}  // namespace p2p::sim
