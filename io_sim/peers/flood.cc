// Wants, asks, seeks and cancels beyond every limit, from a peer that half of the time does not
// read the answers.
#include <array>

#include "engine/wire/encoder.h"
#include "io_sim/peers/behaviours.h"
#include "io_sim/peers/chance.h"
#include "io_sim/peers/speaking_peer.h"

namespace p2p::sim {

namespace {

constexpr size_t kWantLists = 5;       // of 1,024: more than the 4,096 that may stand
constexpr size_t kAsks = 1'200;        // more than the 1,024 that may be open
constexpr size_t kAsksOfOnePiece = 4;  // a piece that exists is asked for again and again
constexpr size_t kFloodUnsentMax = size_t{32} << 10;

void append_lists(std::vector<std::byte>& out, Random& random, FrameType type) {
  for (size_t i = 0; i < kWantLists; ++i) {
    append_digest_list(out, type, random_digests(random, kDigestListMax));
  }
}

using AppendBurst = void (*)(std::vector<std::byte>& out, RawNet& net);

void append_wants(std::vector<std::byte>& out, RawNet& net) {
  append_lists(out, net.random(), FrameType::want);
}

void append_cancels(std::vector<std::byte>& out, RawNet& net) {
  append_lists(out, net.random(), FrameType::cancel);
}

void append_seeks(std::vector<std::byte>& out, RawNet& net) {
  for (size_t i = 0; i < kAsks; ++i) {
    append_frame(out, SeekMessage{random_digest(net.random()), SeekMessage::kListMe});
  }
}

// Of pieces that others are likely to have, where it knows any: those are costly to answer.
void append_asks(std::vector<std::byte>& out, RawNet& net) {
  const std::vector<Digest>& held = net.facts().held;
  for (size_t i = 0; i < kAsks; ++i) {
    const bool exists = i / kAsksOfOnePiece < held.size();
    append_frame(out, AskMessage{exists ? held[i / kAsksOfOnePiece] : random_digest(net.random())});
  }
}

constexpr std::array<AppendBurst, 4> kBursts{append_wants, append_asks, append_seeks,
                                             append_cancels};

class Flood final : public SpeakingPeer {
 public:
  Flood() : SpeakingPeer(habits()) {}

 private:
  static Habits habits() {
    Habits habits;
    habits.tick = Duration::seconds(1);
    habits.learned_max = 4;
    return habits;
  }

  void opened(RawNet& net, ConnId conn) override {
    SpeakingPeer::opened(net, conn);
    if (net.random().below(2) == 0) net.set_reading(conn, false);
    burst(net, conn);
  }

  void tick(RawNet& net) override {
    for (const auto& [conn, remote] : open()) {
      if (net.unsent(conn) < kFloodUnsentMax) burst(net, conn);
    }
  }

  static void burst(RawNet& net, ConnId conn) {
    const auto kind = static_cast<size_t>(net.random().below(kBursts.size()));
    std::vector<std::byte> bytes;
    kBursts[kind](bytes, net);
    net.send(conn, bytes);
  }
};

}  // namespace

std::unique_ptr<RawPeer> make_flood() { return std::make_unique<Flood>(); }

}  // namespace p2p::sim
