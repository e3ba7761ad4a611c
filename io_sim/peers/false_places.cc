// Hides contents: it lists nobody and answers every seek with the nearest of its accomplices, so
// that a look-up that believes it goes round among them. With endpoints near an id (`near`) it is
// among the first to be asked.
#include <algorithm>
#include <utility>

#include "engine/overlay/place.h"
#include "io_sim/peers/behaviours.h"
#include "io_sim/peers/speaking_peer.h"

namespace p2p::sim {

namespace {

constexpr size_t kUnsentMax = size_t{64} << 10;

class FalsePlaces final : public SpeakingPeer {
 public:
  FalsePlaces() : SpeakingPeer(lively_habits()) {}

 private:
  void heard(RawNet& net, ConnId conn, const Message& message) override {
    const auto* const seek = std::get_if<SeekMessage>(&message);
    if (seek == nullptr || net.unsent(conn) > kUnsentMax) return;
    FoundMessage found;
    found.id = seek->id;
    found.nearest = net.facts().accomplices;
    const auto nearer = [&](const Endpoint& a, const Endpoint& b) {
      return distance(seek->id, place_of(a)) < distance(seek->id, place_of(b));
    };
    const size_t count = std::min(found.nearest.size(), kFoundNearestMax);
    std::partial_sort(found.nearest.begin(),
                      found.nearest.begin() + static_cast<std::ptrdiff_t>(count),
                      found.nearest.end(), nearer);
    found.nearest.resize(count);
    say(net, conn, found);
  }

  void tick(RawNet& net) override { keep_alive(net); }
};

}  // namespace

std::unique_ptr<RawPeer> make_false_places() { return std::make_unique<FalsePlaces>(); }

}  // namespace p2p::sim
