// Holds many connections, on each of which a legitimate frame comes a byte at a time: the hello on
// some, on the others a list of wants behind a hello.
#include <algorithm>
#include <map>
#include <utility>

#include "engine/wire/encoder.h"
#include "io_sim/peers/behaviours.h"
#include "io_sim/peers/chance.h"
#include "io_sim/peers/speaking_peer.h"

namespace p2p::sim {

namespace {

class SlowLoris final : public SpeakingPeer {
 public:
  SlowLoris() : SpeakingPeer(habits()) {}

 private:
  static Habits habits() {
    Habits habits;
    habits.tick = Duration::seconds(5);
    habits.pause_min = Duration::seconds(20);
    habits.pause_max = Duration::seconds(60);
    habits.connections_each = 20;
    habits.learned_max = 8;
    return habits;
  }

  void opened(RawNet& net, ConnId conn) override {
    const uint64_t nonce = net.random().next();
    std::vector<std::byte> bytes;
    append_frame(bytes, hello(net.facts(), nonce));
    const bool drips_the_hello = net.random().below(2) == 0;
    const auto at_once = drips_the_hello
                             ? 1 + static_cast<size_t>(net.random().below(bytes.size() - 1))
                             : bytes.size();
    net.send(conn, std::span(bytes).first(at_once));
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(at_once));
    left_[conn] = std::move(bytes);
  }

  void ended(ConnId conn) override {
    left_.erase(conn);
    SpeakingPeer::ended(conn);
  }

  void tick(RawNet& net) override {
    for (auto& [conn, left] : left_) {
      if (net.unsent(conn) > 0) continue;
      if (left.empty()) append_digest_list(left, FrameType::want, random_digests(net.random(), 1));
      net.send(conn, std::span(left).first(1));
      left.erase(left.begin());
    }
  }

  std::map<ConnId, std::vector<std::byte>> left_;  // what is still to be dripped
};

}  // namespace

std::unique_ptr<RawPeer> make_slow_loris() { return std::make_unique<SlowLoris>(); }

}  // namespace p2p::sim
