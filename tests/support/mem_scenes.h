// Small scenes for tests of the engine: configurations, contents, raw frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "engine/base/hex.h"
#include "engine/wire/decoder.h"
#include "engine/wire/encoder.h"
#include "tests/support/content_tree.h"
#include "tests/support/mem_network.h"

namespace p2p::test {

inline constexpr uint16_t kPort = 8100;
inline const PieceSize kSmallPieces = *PieceSize::from_log2(10);

// 2001:db8::n, so that every node is on a host of its own.
inline Address host(uint8_t n) {
  Address address = *Address::parse("2001:db8::");
  address.bytes[15] = std::byte{n};
  return address;
}

inline Config config_with(std::vector<HostPort> bootstrap = {}) {
  Config config;
  config.piece_size = kSmallPieces;
  config.listen_port = kPort;
  config.bootstrap = std::move(bootstrap);
  return config;
}
inline HostPort at_host(uint8_t n) { return {host(n).text(), kPort}; }

inline std::vector<std::byte> encoded(const Message& message) {
  std::vector<std::byte> bytes;
  append_frame(bytes, message);
  return bytes;
}

// The first frame of one of ours that doesn't listen.
inline PeerMessage hello_message(uint64_t nonce, PieceSize piece_size = kSmallPieces) {
  HelloTrailer trailer;
  trailer.piece_size_log2 = piece_size.log2();
  trailer.nonce = nonce;
  PeerMessage message;
  const auto bytes = trailer.encode();
  message.trailing.assign(bytes.begin(), bytes.end());
  return message;
}

// The types of the frames in a stream, whoever it was for.
inline std::vector<uint8_t> frame_types(std::span<const std::byte> stream) {
  std::vector<uint8_t> types;
  while (stream.size() >= kFrameHeaderSize) {
    types.push_back(std::to_integer<uint8_t>(stream[4]));
    const size_t length = kFrameLengthSize + load_u32le(stream);
    stream = stream.subspan(std::min(length, stream.size()));
  }
  return types;
}

// The control messages of a stream that came from one of ours; payloads are left out.
inline std::vector<Message> messages_in(std::span<const std::byte> stream,
                                        PieceSize piece_size = kSmallPieces) {
  FrameDecoder decoder(piece_size);
  decoder.set_peer_kind(PeerKind::extended);
  std::vector<Message> messages;
  while (const auto item = decoder.next(stream)) {
    if (const auto* message = std::get_if<Message>(&*item)) messages.push_back(*message);
    if (std::holds_alternative<PayloadBegin>(*item)) decoder.discard_payload();
    if (std::holds_alternative<FrameFault>(*item)) break;
  }
  return messages;
}

// What one of ours has wanted so far of the peer that got this stream, in order.
inline std::vector<Digest> wanted_in(std::span<const std::byte> stream) {
  std::vector<Digest> wanted;
  for (const Message& message : messages_in(stream)) {
    const auto* const list = std::get_if<DigestListMessage>(&message);
    if (list == nullptr || list->type != FrameType::want) continue;
    wanted.insert(wanted.end(), list->digests.begin(), list->digests.end());
  }
  return wanted;
}

inline bool knows(const MemNode& node, const Endpoint& endpoint) {
  const auto alive = node.engine().status().known_alive;
  return std::find(alive.begin(), alive.end(), endpoint) != alive.end();
}

inline std::vector<std::byte> joined(const std::map<uint64_t, std::vector<std::byte>>& parts) {
  std::vector<std::byte> all;
  for (const auto& [offset, bytes] : parts) {
    all.resize(static_cast<size_t>(offset));
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  return all;
}

}  // namespace p2p::test
