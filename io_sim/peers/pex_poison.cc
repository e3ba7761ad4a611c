// Floods peer lists of endpoints that nobody spoke with: made-up ones, and real addresses with
// ports that nobody listens on. Each list is a valid frame.
#include <algorithm>
#include <array>
#include <set>

#include "io_sim/peers/behaviours.h"
#include "io_sim/peers/chance.h"
#include "io_sim/peers/speaking_peer.h"

namespace p2p::sim {

namespace {

constexpr size_t kRecords = 50;       // what a list may hold, each second on each connection
constexpr size_t kWithRealHost = 10;  // of them
constexpr size_t kHostsMax = 64;
constexpr size_t kPoisonUnsentMax = size_t{64} << 10;

// The first bytes of networks that the whole Internet may use.
constexpr std::array<std::array<uint8_t, 2>, 4> kV6Networks{
    {{0x24, 0x06}, {0x26, 0x20}, {0x2a, 0x02}, {0x2c, 0x0f}}};
constexpr std::array<uint8_t, 4> kV4Networks{23, 45, 81, 196};

uint16_t random_port(Random& random) {
  return static_cast<uint16_t>(1024 + random.below(uint64_t{65'536} - 1024));
}

class PexPoison final : public SpeakingPeer {
 public:
  PexPoison() : SpeakingPeer(habits()) {}

  void started(RawNet& net) override {
    seed_ = static_cast<uint8_t>(net.random().below(256));
    hosts_.insert(net.facts().endpoint.address);
    SpeakingPeer::started(net);
  }

 private:
  static Habits habits() {
    Habits habits;
    habits.tick = Duration::seconds(1);
    habits.learned_max = 8;
    return habits;
  }

  void opened(RawNet& net, ConnId conn) override {
    add_host(open().at(conn).address);
    SpeakingPeer::opened(net, conn);
  }

  void heard(RawNet&, ConnId, const Message& message) override {
    const auto* const list = std::get_if<PeerMessage>(&message);
    if (list == nullptr) return;
    for (const Endpoint& record : list->records) add_host(record.address);
  }

  void tick(RawNet& net) override {
    for (const auto& [conn, remote] : open()) {
      if (net.unsent(conn) > kPoisonUnsentMax) continue;
      PeerMessage list;
      while (list.records.size() < kWithRealHost) list.records.push_back(wrong_port(net.random()));
      while (list.records.size() < kRecords) list.records.push_back(made_up(net.random()));
      say(net, conn, list);
    }
  }

  void add_host(const Address& address) {
    if (hosts_.size() < kHostsMax) hosts_.insert(address);
  }

  // One of 8 networks, so that no limit of each network is spared.
  Endpoint made_up(Random& random) const {
    const auto network = static_cast<size_t>(random.below(kV4Networks.size() + kV6Networks.size()));
    Endpoint endpoint;
    if (network < kV4Networks.size()) {
      std::array<std::byte, 2> host{};
      fill_randomly(random, host);
      endpoint.address = Address::v4(kV4Networks[network], seed_, std::to_integer<uint8_t>(host[0]),
                                     std::to_integer<uint8_t>(host[1]));
    } else {
      fill_randomly(random, endpoint.address.bytes);
      const auto& first = kV6Networks[network - kV4Networks.size()];
      endpoint.address.bytes[0] = std::byte{first[0]};
      endpoint.address.bytes[1] = std::byte{first[1]};
      endpoint.address.bytes[2] = std::byte{seed_};
      endpoint.address.bytes[3] = std::byte{0};
    }
    endpoint.port = random_port(random);
    return endpoint;
  }

  Endpoint wrong_port(Random& random) const {
    const auto at = static_cast<ptrdiff_t>(random.below(hosts_.size()));
    return {*std::next(hosts_.begin(), at), random_port(random)};
  }

  uint8_t seed_ = 0;         // tells the networks of one such peer from those of another
  std::set<Address> hosts_;  // that it has met or heard of
};

}  // namespace

std::unique_ptr<RawPeer> make_pex_poison() { return std::make_unique<PexPoison>(); }

}  // namespace p2p::sim
