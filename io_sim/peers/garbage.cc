// Random bytes on every connection, at a bounded rate.
#include "io_sim/peers/behaviours.h"
#include "io_sim/peers/chance.h"
#include "io_sim/peers/hostile_peer.h"

namespace p2p::sim {

namespace {

constexpr size_t kBytesPerTick = size_t{64} << 10;  // and connection, at the most

class Garbage final : public HostilePeer {
 public:
  Garbage() : HostilePeer(habits()) {}

 private:
  static Habits habits() {
    Habits habits;
    habits.tick = Duration::seconds(1);
    return habits;
  }

  void opened(RawNet&, ConnId) override {}

  void tick(RawNet& net) override {
    for (const auto& [conn, remote] : open()) {
      if (net.unsent(conn) > 0) continue;
      // Some bytes are less than a frame's header, some more than any control frame.
      const size_t bound = net.random().below(2) == 0 ? 64 : kBytesPerTick;
      std::vector<std::byte> bytes(1 + static_cast<size_t>(net.random().below(bound)));
      fill_randomly(net.random(), bytes);
      net.send(conn, bytes);
    }
  }
};

}  // namespace

std::unique_ptr<RawPeer> make_garbage() { return std::make_unique<Garbage>(); }

}  // namespace p2p::sim
