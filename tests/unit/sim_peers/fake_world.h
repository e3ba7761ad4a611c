// Hosts joined by byte streams on a virtual clock, for RawPeers alone: what RawNet asks for and
// nothing more. Every dial and every chunk takes kLatency. At the other end of a peer under test
// stands a Counterpart, which writes down what comes and sends what the test says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/wire/decoder.h"
#include "engine/wire/encoder.h"
#include "io_sim/peers/raw_peer.h"

namespace p2p::sim::test {

inline constexpr Duration kLatency = Duration::milliseconds(10);
inline const PieceSize kSmallPieces = *PieceSize::from_log2(10);

class FakeWorld;

class FakeHost final : public RawNet {
 public:
  FakeHost(FakeWorld& world, RawFacts facts, RawPeer* peer, uint64_t seed);

  Time now() const override;
  Random& random() override { return random_; }
  const RawFacts& facts() const override { return facts_; }
  ConnId dial(const Endpoint& to) override;
  void send(ConnId conn, std::span<const std::byte> bytes) override;
  void send(ConnId conn, Slice bytes) override { send(conn, bytes.bytes()); }
  size_t unsent(ConnId conn) const override;
  void set_reading(ConnId conn, bool on) override;
  void close(ConnId conn) override;
  void set_timer(Duration after, uint64_t tag) override;
  std::optional<Slice> load(const Digest& digest) const override;
  void store(const Digest& digest, Slice bytes) override;
  void die(std::string_view why) override;

  // Adds a piece to its store; `bytes` without trailing zeros.
  Digest hold(std::vector<std::byte> bytes);
  void tell_to_want(const Digest& digest) { facts_.wanted.push_back(digest); }
  RawFacts& facts_to_change() { return facts_; }

  const std::optional<std::string>& death() const { return death_; }
  const std::map<Digest, Slice>& pieces() const { return pieces_; }
  const std::vector<std::pair<Time, Endpoint>>& dials() const { return dials_; }
  size_t timers() const { return timers_; }
  size_t unsent_max() const { return unsent_max_; }

 private:
  friend class FakeWorld;
  struct End {
    FakeHost* peer = nullptr;  // null: under way
    ConnId peer_conn;
    std::vector<std::byte> queued;
    bool flushing = false;
    bool reading = true;
    bool peer_closed = false;
  };

  void flush_later(ConnId conn);
  void flush(ConnId conn);
  void connect(ConnId conn, const Endpoint& to);

  FakeWorld& world_;
  RawFacts facts_;
  RawPeer* peer_;
  Random random_;
  std::map<ConnId, End> ends_;
  std::map<Digest, Slice> pieces_;
  std::optional<std::string> death_;
  std::vector<std::pair<Time, Endpoint>> dials_;
  uint64_t dialled_ = 0;
  uint64_t accepted_ = 0;
  size_t timers_ = 0;
  size_t unsent_max_ = 0;
};

class FakeWorld {
 public:
  // Starts it at once. The peer must outlive the world.
  FakeHost& add(RawPeer& peer, RawFacts facts, const std::function<void(FakeHost&)>& before = {});
  void run_for(Duration duration);
  Time now() const { return now_; }

  // Dials to it get no answer of any kind.
  void make_deaf(const Endpoint& endpoint) { deaf_.push_back(endpoint); }

 private:
  friend class FakeHost;
  void after(Duration wait, std::function<void()> what);
  FakeHost* listener(const Endpoint& at);

  Time now_ = Time::from_ns(1'000'000'000'000);
  uint64_t serial_ = 0;
  std::map<std::pair<Time, uint64_t>, std::function<void()>> queue_;
  std::vector<std::unique_ptr<FakeHost>> hosts_;
  std::vector<Endpoint> deaf_;
};

// What a frame was, without its payload's bytes where it has one; of a payload the bytes too.
struct HeardFrame {
  ConnId conn;
  Time at;
  DecodedItem item;
  std::vector<std::byte> payload;  // of a PayloadEnd
};

class Counterpart final : public RawPeer {
 public:
  void started(RawNet&) override {}
  void accepted(RawNet& net, ConnId conn, const Endpoint& remote) override;
  void connected(RawNet& net, ConnId conn) override;
  void connect_failed(RawNet&, ConnId, NetError) override {}
  void received(RawNet& net, ConnId conn, std::span<const std::byte> bytes) override;
  void drained(RawNet&, ConnId) override {}
  void closed(RawNet& net, ConnId conn, NetError why) override;
  void timer(RawNet&, uint64_t) override {}
  void told(RawNet&) override {}

  template <class T>
  std::vector<T> heard() const {
    std::vector<T> found;
    for (const HeardFrame& frame : frames) {
      if (const auto* message = std::get_if<Message>(&frame.item)) {
        if (const auto* one = std::get_if<T>(message)) found.push_back(*one);
      }
    }
    return found;
  }
  std::vector<HeardFrame> payloads() const;
  size_t faults() const;

  PeerKind kind = PeerKind::extended;  // what it takes its peers for
  bool closes_at_once = false;         // whoever connects
  std::vector<ConnId> conns;           // in order of their beginning, those closed too
  std::vector<Time> opened_at;
  std::map<ConnId, std::vector<std::byte>> bytes;
  std::vector<HeardFrame> frames;
  size_t ended = 0;  // closed by the other side

 private:
  void open(RawNet& net, ConnId conn);

  std::map<ConnId, FrameDecoder> decoders_;
  std::map<ConnId, std::vector<std::byte>> landing_;
};

inline std::vector<std::byte> encoded(const Message& message) {
  std::vector<std::byte> bytes;
  append_frame(bytes, message);
  return bytes;
}

// [2001:db8::n]:8100
Endpoint host(uint8_t n);
RawFacts facts_of(uint8_t n, std::vector<Endpoint> bootstrap = {});
// The first frame of one of ours.
PeerMessage our_hello();

// A peer of that behaviour at host 1, whose bootstrap node is a Counterpart at host 2.
struct Scene {
  explicit Scene(Behaviour behaviour, uint64_t seed = 1,
                 const std::function<void(FakeHost&)>& before = {});

  std::unique_ptr<RawPeer> peer;
  Counterpart other;
  FakeWorld world;
  FakeHost* there;  // the Counterpart's
  FakeHost* here;   // the peer's
};

}  // namespace p2p::sim::test
