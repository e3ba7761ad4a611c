// Every frame among the protocol's vectors, byte for byte, in both directions.
#include "tests/unit/wire/protocol_vectors.h"

#include <gtest/gtest.h>

#include "engine/base/hex.h"
#include "engine/wire/encoder.h"
#include "tests/unit/wire/frame_stream.h"

namespace p2p {
namespace {

const PieceSize kPieceSize = *PieceSize::from_bytes(uint64_t{1} << 20);

Digest digest(std::string_view hex) { return *Digest::from_hex(hex); }
Endpoint endpoint(std::string_view text) { return *Endpoint::parse(text); }

void expect_frame(std::string_view hex, const Message& message) {
  EXPECT_EQ(to_hex(bytes_of(message)), hex);
  const std::vector<ReceivedFrame> expected{{message, {}}};
  EXPECT_EQ(frames_of(*from_hex(hex), kPieceSize), expected);
}

TEST(ProtocolVectors, ask) {
  expect_frame(vectors::kAsk, AskMessage{digest(vectors::kZeroPieceDigest)});
}

TEST(ProtocolVectors, want) {
  expect_frame(vectors::kWant,
               DigestListMessage{FrameType::want, {digest(vectors::kZeroPieceDigest)}});
}

TEST(ProtocolVectors, peer_list_has_little_endian_ports) {
  expect_frame(vectors::kPeerList,
               PeerMessage{{endpoint("[::1]:8100"), endpoint("192.0.2.7:52197")}, {}});
}

TEST(ProtocolVectors, hello_is_a_peer_list_with_a_trailer) {
  const HelloTrailer hello{.version = 1,
                           .capabilities = HelloTrailer::kExtension | HelloTrailer::kListening,
                           .piece_size_log2 = 20,
                           .nonce = 0x0123456789abcdef};
  const auto trailer = hello.encode();
  const PeerMessage list{{endpoint("[::1]:8100")}, {trailer.begin(), trailer.end()}};
  expect_frame(vectors::kHello, list);
  EXPECT_EQ(list.hello(), hello);
}

TEST(ProtocolVectors, seek_with_a_wish_to_be_listed) {
  expect_frame(vectors::kSeek, SeekMessage{digest(vectors::kHelloFileId), SeekMessage::kListMe});
}

TEST(ProtocolVectors, trim_is_the_start_of_the_piece_that_its_digest_names) {
  const auto bytes = *from_hex(vectors::kTrim);
  const auto frames = frames_of(bytes, kPieceSize);
  ASSERT_EQ(frames.size(), 1u);
  const Digest id = digest(vectors::kHelloFileId);
  EXPECT_EQ(frames[0].item, DecodedItem(PayloadEnd{FrameType::trim, id, 70, false}));
  EXPECT_EQ(sha256_zero_filled(frames[0].payload, kPieceSize.bytes() - 70), id);
  EXPECT_EQ(bytes_of(frames[0], kPieceSize), bytes);
}

}  // namespace
}  // namespace p2p
