// The original program's ways, spoken by hand (docs/protocol.md, What the original does).
#include <gtest/gtest.h>

#include "tests/support/mem_scenes.h"

namespace p2p::test {
namespace {

std::map<Digest, std::vector<std::byte>> one_piece(std::vector<std::byte> bytes, Digest& digest) {
  digest = sha256_zero_filled(bytes, 1024 - bytes.size());
  return {{digest, std::move(bytes)}};
}

TEST(LegacyPeer, gets_whole_gives_and_lists_and_nothing_above_type_2) {
  Digest digest;
  const auto pieces = one_piece({std::byte{5}}, digest);
  MemNetwork network(1);
  MemNode& a = network.add(config_with(), host(1), pieces);
  StreamEnd& raw = network.raw_connect(a.endpoint(), host(9));
  network.run_for(Duration::seconds(9));
  network.raw_send(raw, encoded(PeerMessage{}));
  for (int i = 0; i < 3; ++i) network.raw_send(raw, encoded(AskMessage{digest}));
  network.tell(a, FetchPieces{FetchId{1}, {sha256({})}});
  network.run_for(Duration::minutes(5));
  size_t gives = 0;
  for (const uint8_t type : frame_types(raw.raw_received)) {
    EXPECT_LE(type, kLegacyTypeMax);
    gives += type == 1 ? 1 : 0;
  }
  EXPECT_EQ(gives, 1u) << "repeats merge";
  EXPECT_EQ(a.engine().status().peers.size(), 1u) << "never closed for being idle";
}

TEST(LegacyPeer, what_it_does_not_hold_is_met_with_silence) {
  MemNetwork network(2);
  MemNode& a = network.add(config_with(), host(1));
  StreamEnd& raw = network.raw_connect(a.endpoint(), host(9));
  network.raw_send(raw, encoded(AskMessage{sha256({})}));
  network.run_for(Duration::seconds(5));
  EXPECT_EQ(frame_types(raw.raw_received), (std::vector<uint8_t>{2}));
}

TEST(LegacyPeer, is_asked_for_one_piece_at_a_time_also_where_it_was_dialled_and_is_silent) {
  Digest digest;
  const auto piece = one_piece({std::byte{5}}, digest).begin()->second;
  MemNetwork network(3);
  StreamEnd* raw = nullptr;
  network.raw_listen({host(9), kPort}, [&](StreamEnd& end) { raw = &end; });
  MemNode& a = network.add(config_with({at_host(9)}), host(1));
  network.tell(a, FetchPieces{FetchId{1}, {digest, sha256(piece)}});
  network.run_for(Duration::seconds(10));
  ASSERT_NE(raw, nullptr);
  EXPECT_EQ(frame_types(raw->raw_received), (std::vector<uint8_t>{2, 0}));

  // It answers whatever it was asked for last, then nothing.
  const auto answer = [&] {
    auto header = encode_give_header(digest, kSmallPieces);
    std::vector<std::byte> bytes(header.begin(), header.end());
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    bytes.resize(kGiveHeaderSize + 1024);
    return bytes;
  }();
  ASSERT_TRUE(network.run_until(
      [&] {
        const auto asks = messages_in(raw->raw_received);
        return std::any_of(asks.begin(), asks.end(),
                           [&](const Message& m) { return m == Message(AskMessage{digest}); });
      },
      Duration::minutes(2)));
  network.raw_send(*raw, answer);
  EXPECT_TRUE(
      network.run_until([&] { return a.said<PieceObtained>().size() == 1; }, Duration::seconds(1)));
  EXPECT_TRUE(a.said<PeerClosed>().empty());
}

TEST(LegacyPeer, an_accepted_stranger_lives_for_sixty_seconds_at_least) {
  MemNetwork network(4);
  MemNode& a = network.add(config_with(), host(1));
  StreamEnd& raw = network.raw_connect(a.endpoint(), host(9));
  network.run_for(Duration::seconds(61));
  EXPECT_TRUE(a.said<PeerClosed>().empty());
  network.raw_send(raw, encoded(PeerMessage{}));
  network.run_for(Duration::minutes(10));
  EXPECT_TRUE(a.said<PeerClosed>().empty());
}

}  // namespace
}  // namespace p2p::test
