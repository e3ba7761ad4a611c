// Bytes of a connection in words: whole frames as what they say, anything else in hex.
#include <algorithm>
#include <optional>
#include <variant>

#include "engine/base/bytes.h"
#include "engine/base/hex.h"
#include "engine/wire/decoder.h"
#include "engine/wire/frame.h"
#include "io_sim/trace/line_text.h"
#include "io_sim/trace/trace_hash.h"

namespace p2p::sim {

namespace {

// What is longer is shown by its beginning and a hash.
constexpr size_t kHexBytesMax = 256;

std::string hello_text(const HelloTrailer& hello) {
  return "hello nonce=" + std::to_string(hello.nonce) +
         " version=" + std::to_string(hello.version) +
         " capabilities=" + std::to_string(hello.capabilities) + " piece_size=2^" +
         std::to_string(hello.piece_size_log2);
}

struct MessageText {
  std::string operator()(const AskMessage& m) const { return "ask " + short_digest(m.digest); }
  std::string operator()(const PeerMessage& m) const {
    std::string text = "peer " + list_text(m.records);
    if (const auto hello = m.hello()) return text + " " + hello_text(*hello);
    if (!m.trailing.empty()) text += " trailing " + to_hex(m.trailing);
    return text;
  }
  std::string operator()(const DigestListMessage& m) const {
    return std::string(frame_type_name(static_cast<uint8_t>(m.type))) + " " + list_text(m.digests);
  }
  std::string operator()(const SeekMessage& m) const {
    return "seek " + short_digest(m.id) + " flags=" + std::to_string(m.flags);
  }
  std::string operator()(const FoundMessage& m) const {
    return "found " + short_digest(m.id) + " holders=" + list_text(m.holders) +
           " nearest=" + list_text(m.nearest);
  }
};

// The first bytes of a give or trim; nullopt when they are none.
std::optional<std::string> payload_header_text(std::span<const std::byte> bytes) {
  if (bytes.size() < kGiveHeaderSize) return std::nullopt;
  const auto type = std::to_integer<uint8_t>(bytes[kFrameLengthSize]);
  const bool give = type == static_cast<uint8_t>(FrameType::give);
  if (!give && type != static_cast<uint8_t>(FrameType::trim)) return std::nullopt;
  const uint32_t length = load_u32le(bytes);
  constexpr uint32_t kBeforePayload = kGiveHeaderSize - kFrameLengthSize;
  if (length < kBeforePayload) return std::nullopt;
  return std::string(frame_type_name(type)) + " " + to_hex(bytes.subspan(kFrameHeaderSize, 8)) +
         " bytes=" + std::to_string(length - kBeforePayload);
}

std::string hash_text(std::span<const std::byte> bytes) {
  TraceHash hash;
  hash.add_bytes(bytes);
  return hash.hex();
}

// One whole frame, header included; nullopt when it is none.
std::optional<std::string> frame_text(std::span<const std::byte> frame) {
  if (auto header = payload_header_text(frame)) {
    return *header + " payload " + hash_text(frame.subspan(kGiveHeaderSize));
  }
  FrameDecoder decoder{PieceSize()};
  decoder.set_peer_kind(PeerKind::extended);
  auto left = frame;
  const auto item = decoder.next(left);
  if (!item || !left.empty()) return std::nullopt;
  const auto* const message = std::get_if<Message>(&*item);
  if (message == nullptr) return std::nullopt;
  return std::visit(MessageText{}, *message);
}

std::optional<std::string> frames_text(std::span<const std::byte> bytes) {
  std::string text;
  while (!bytes.empty()) {
    if (bytes.size() < kFrameHeaderSize) return std::nullopt;
    const uint64_t size = uint64_t{kFrameLengthSize} + load_u32le(bytes);
    if (size > bytes.size()) return std::nullopt;
    const auto frame = frame_text(bytes.first(static_cast<size_t>(size)));
    if (!frame) return std::nullopt;
    text += (text.empty() ? "" : "; ") + *frame;
    bytes = bytes.subspan(static_cast<size_t>(size));
  }
  return text;
}

std::string hex_text(std::span<const std::byte> bytes) {
  std::string text = std::to_string(bytes.size()) + " bytes " +
                     to_hex(bytes.first(std::min(bytes.size(), kHexBytesMax)));
  if (bytes.size() > kHexBytesMax) text += "... all " + hash_text(bytes);
  return text;
}

}  // namespace

std::string bytes_text(std::span<const std::byte> bytes) {
  const auto frames = frames_text(bytes);
  return frames && !frames->empty() ? *frames : hex_text(bytes);
}

std::string payload_text(std::span<const std::byte> header) {
  return payload_header_text(header).value_or(hex_text(header));
}

}  // namespace p2p::sim
