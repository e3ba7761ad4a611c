// The behaviours against the very engine: it bears them, and it takes the legacy one for what it
// is.
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "io_sim/peers/raw_peer.h"
#include "io_sim/scenario/names.h"
#include "tests/support/mem_scenes.h"

namespace p2p::sim::test {
namespace {

using namespace p2p::test;

constexpr Duration kStep = Duration::milliseconds(50);

// A RawNet on the streams that MemNetwork gives to tests. It looks at them every kStep.
class MemRawNet final : public RawNet {
 public:
  MemRawNet(MemNetwork& network, RawFacts facts, RawPeer& peer, uint64_t seed)
      : network_(network), facts_(std::move(facts)), peer_(peer), random_(Seed{seed}) {
    network_.raw_listen(facts_.endpoint, [this](StreamEnd& end) {
      const ConnId conn = ConnId::accepted(++serial_);
      ends_[conn] = &end;
      news_.push_back([this, conn] { peer_.accepted(*this, conn, Endpoint{host(1), 40'000}); });
    });
    peer_.started(*this);
  }

  void run_for(Duration duration) {
    const Time end = now() + duration;
    while (now() < end) {
      network_.run_for(kStep);
      if (!death_) look();
    }
  }

  Time now() const override { return network_.now(); }
  Random& random() override { return random_; }
  const RawFacts& facts() const override { return facts_; }
  ConnId dial(const Endpoint& to) override {
    const ConnId conn = ConnId::dialled(++serial_);
    bool there = false;
    for (size_t i = 0; i < network_.size(); ++i) there |= network_.node(i).endpoint() == to;
    if (there) {
      ends_[conn] = &network_.raw_connect(to, facts_.endpoint.address);
      news_.push_back([this, conn] { peer_.connected(*this, conn); });
    } else {
      news_.push_back([this, conn] { peer_.connect_failed(*this, conn, NetError::refused); });
    }
    return conn;
  }
  void send(ConnId conn, std::span<const std::byte> bytes) override {
    const auto found = ends_.find(conn);
    if (found != ends_.end() && !found->second->eof_arrived) {
      network_.raw_send(*found->second, bytes);
    }
  }
  void send(ConnId conn, Slice bytes) override { send(conn, bytes.bytes()); }
  size_t unsent(ConnId conn) const override {
    const auto found = ends_.find(conn);
    return found == ends_.end() ? 0 : found->second->peer->in_flight;
  }
  void set_reading(ConnId conn, bool on) override {
    const auto found = ends_.find(conn);
    if (found != ends_.end()) found->second->raw_reads = on;
  }
  void close(ConnId conn) override {
    const auto found = ends_.find(conn);
    if (found == ends_.end()) return;
    network_.raw_close(*found->second);
    ends_.erase(found);
  }
  void set_timer(Duration after, uint64_t tag) override { timers_.emplace(now() + after, tag); }
  std::optional<Slice> load(const Digest& digest) const override {
    const auto found = pieces.find(digest);
    if (found == pieces.end()) return std::nullopt;
    return Slice::copy_of(found->second);
  }
  void store(const Digest& digest, Slice bytes) override {
    pieces[digest].assign(bytes.bytes().begin(), bytes.bytes().end());
  }
  void die(std::string_view why) override { death_ = why; }

  const std::optional<std::string>& death() const { return death_; }
  std::map<Digest, std::vector<std::byte>> pieces;

 private:
  void look() {
    for (auto news = std::exchange(news_, {}); !news.empty(); news.pop_front()) news.front()();
    const auto ends = ends_;
    for (const auto& [conn, end] : ends) {
      const auto bytes = std::exchange(end->raw_received, {});
      if (!bytes.empty() && !death_) peer_.received(*this, conn, bytes);
      if (end->eof_arrived && told_closed_.insert(conn).second && !death_) {
        peer_.closed(*this, conn, NetError::end_of_stream);
      } else if (!death_ && ends_.contains(conn) && unsent(conn) == 0) {
        peer_.drained(*this, conn);
      }
    }
    while (!death_ && !timers_.empty() && timers_.begin()->first <= now()) {
      const uint64_t tag = timers_.begin()->second;
      timers_.erase(timers_.begin());
      peer_.timer(*this, tag);
    }
  }

  MemNetwork& network_;
  RawFacts facts_;
  RawPeer& peer_;
  Random random_;
  uint64_t serial_ = 0;
  std::map<ConnId, StreamEnd*> ends_;
  std::set<ConnId> told_closed_;
  std::deque<std::function<void()>> news_;
  std::multimap<Time, uint64_t> timers_;
  std::optional<std::string> death_;
};

RawFacts facts_beside(const MemNode& node) {
  RawFacts facts;
  facts.endpoint = {host(9), kPort};
  facts.bootstrap = {node.endpoint()};
  facts.piece_size = kSmallPieces;
  return facts;
}

struct Piece {
  std::vector<std::byte> bytes;
  Digest digest;
};
Piece piece_of(uint8_t n) {
  Piece piece{{std::byte{n}}, {}};
  piece.digest = sha256_zero_filled(piece.bytes, kSmallPieces.bytes() - 1);
  return piece;
}

TEST(AgainstTheEngine, a_legacy_peer_is_known_for_one_and_pieces_go_both_ways) {
  const Piece ours = piece_of(1);
  const Piece theirs = piece_of(2);
  MemNetwork network(1);
  MemNode& node = network.add(config_with(), host(1), {{ours.digest, ours.bytes}});
  RawFacts facts = facts_beside(node);
  facts.held = {theirs.digest};
  facts.wanted = {ours.digest};
  const auto peer = make_raw_peer(Behaviour::legacy);
  MemRawNet net(network, facts, *peer, 1);
  net.pieces[theirs.digest] = theirs.bytes;
  network.tell(node, FetchPieces{FetchId{1}, {theirs.digest, sha256({})}});
  net.run_for(Duration::minutes(3));
  EXPECT_FALSE(net.death().has_value()) << *net.death();
  ASSERT_EQ(node.said<PeerIdentified>().size(), 1u);
  EXPECT_TRUE(node.said<PeerIdentified>()[0].legacy);
  EXPECT_EQ(node.said<PieceObtained>().size(), 1u);
  EXPECT_TRUE(net.pieces.contains(ours.digest));
  EXPECT_TRUE(node.said<PeerClosed>().empty());
}

std::string behaviour_of_test(const ::testing::TestParamInfo<Behaviour>& test) {
  return std::string(name_of(behaviour_names(), test.param));
}

class EngineBears : public ::testing::TestWithParam<Behaviour> {};

TEST_P(EngineBears, a_hostile_peer_while_an_honest_one_gets_its_piece) {
  const Piece piece = piece_of(1);
  MemNetwork network(2);
  MemNode& node = network.add(config_with(), host(1), {{piece.digest, piece.bytes}});
  RawFacts facts = facts_beside(node);
  facts.held = {piece.digest};
  const auto peer = make_raw_peer(GetParam());
  MemRawNet net(network, facts, *peer, 1);
  net.run_for(Duration::minutes(2));
  MemNode& late = network.add(config_with({at_host(1)}), host(2));
  network.tell(late, FetchPieces{FetchId{1}, {piece.digest}});
  net.run_for(Duration::minutes(3));
  EXPECT_EQ(late.said<PieceObtained>().size(), 1u);
  const bool breaks_no_rule =
      GetParam() == Behaviour::wrong_bytes || GetParam() == Behaviour::never_gives ||
      GetParam() == Behaviour::address_flood || GetParam() == Behaviour::victim_liar ||
      GetParam() == Behaviour::false_places;
  EXPECT_EQ(node.said<PeerClosed>().empty(), breaks_no_rule);
  EXPECT_TRUE(late.store.contains(piece.digest));
}

class EngineOutlasts : public ::testing::TestWithParam<Behaviour> {};

TEST_P(EngineOutlasts, a_liar_that_was_there_before_the_holder_of_its_piece) {
  const Piece piece = piece_of(1);
  MemNetwork network(3);
  MemNode& node = network.add(config_with(), host(1));
  const auto peer = make_raw_peer(GetParam());
  MemRawNet net(network, facts_beside(node), *peer, 1);
  network.tell(node, FetchPieces{FetchId{1}, {piece.digest}});
  net.run_for(Duration::minutes(1));
  EXPECT_TRUE(node.store.empty());
  network.add(config_with({at_host(1)}), host(2), {{piece.digest, piece.bytes}});
  net.run_for(Duration::minutes(5));
  EXPECT_TRUE(node.store.contains(piece.digest));
  size_t closed_for_it = 0;
  for (const PeerClosed& closed : node.said<PeerClosed>()) {
    const bool for_its_bytes = closed.reason == CloseReason::bad_piece;
    closed_for_it += for_its_bytes ? 1u : 0u;
  }
  EXPECT_EQ(closed_for_it > 0, GetParam() == Behaviour::wrong_bytes);
}

INSTANTIATE_TEST_SUITE_P(Liars, EngineOutlasts,
                         ::testing::Values(Behaviour::wrong_bytes, Behaviour::never_gives),
                         behaviour_of_test);

INSTANTIATE_TEST_SUITE_P(Hostile, EngineBears,
                         ::testing::Values(Behaviour::silent, Behaviour::garbage,
                                           Behaviour::slow_loris, Behaviour::wrong_bytes,
                                           Behaviour::never_gives, Behaviour::pex_poison,
                                           Behaviour::bad_frames, Behaviour::flood,
                                           Behaviour::address_flood, Behaviour::victim_liar,
                                           Behaviour::false_places),
                         behaviour_of_test);

}  // namespace
}  // namespace p2p::sim::test
