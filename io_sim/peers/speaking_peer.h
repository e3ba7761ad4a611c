// A hostile peer that speaks our protocol as far as it suits it: it says a correct hello, reads
// frames, dials some of those it hears of, and is kept alive by empty peer lists. What it says
// beyond that is its behaviour's.
#pragma once

#include <cstdint>
#include <map>

#include "engine/wire/decoder.h"
#include "engine/wire/frame.h"
#include "io_sim/peers/hostile_peer.h"

namespace p2p::sim {

// The protocol's 30 s, less what a latency may be.
inline constexpr Duration kKeepaliveEvery = Duration::seconds(25);

class SpeakingPeer : public HostilePeer {
 public:
  void started(RawNet& net) override;
  void received(RawNet& net, ConnId conn, std::span<const std::byte> bytes) override;

 protected:
  explicit SpeakingPeer(const Habits& habits) : HostilePeer(habits) {}

  // Of one that is kept alive, and dials a few of those it hears of.
  static Habits lively_habits() {
    Habits habits;
    habits.tick = kKeepaliveEvery;
    habits.learned_max = 8;
    return habits;
  }

  // Says hello.
  void opened(RawNet& net, ConnId conn) override;
  void ended(ConnId conn) override;
  virtual void heard(RawNet& net, ConnId conn, const Message& message);

  // The first frame of one of ours, with its own endpoint where it accepts connections. A nonce of
  // its own on each connection makes a crowd of one peer.
  PeerMessage hello(const RawFacts& facts, uint64_t nonce) const;
  void say(RawNet& net, ConnId conn, const Message& message);
  // Says have to every want of `message`, if it is a list of wants and the peer takes the answer.
  void claim_to_have(RawNet& net, ConnId conn, const Message& message);
  // An empty peer list on every connection. To be called every kKeepaliveEvery.
  void keep_alive(RawNet& net);

 private:
  void heard_list(RawNet& net, FrameDecoder& decoder, const PeerMessage& list);

  uint64_t nonce_ = 0;
  std::map<ConnId, FrameDecoder> decoders_;
};

}  // namespace p2p::sim
