// Aims the network at a victim: floods peer lists of the hosts that the scenario names, each time
// with another port, so that every record is an endpoint that nobody has tried.
#include "io_sim/peers/behaviours.h"
#include "io_sim/peers/naming_peer.h"

namespace p2p::sim {

namespace {

constexpr uint64_t kFirstPort = 1024;

class VictimLiar final : public NamingPeer {
  Endpoint name_one(Random& random, const std::vector<Endpoint>& named) override {
    const Address& host = named[static_cast<size_t>(random.below(named.size()))].address;
    return {host, static_cast<uint16_t>(kFirstPort + random.below(65'536 - kFirstPort))};
  }
};

}  // namespace

std::unique_ptr<RawPeer> make_victim_liar() { return std::make_unique<VictimLiar>(); }

}  // namespace p2p::sim
