#include "engine/wire/frame.h"

#include <algorithm>

#include "engine/base/bytes.h"

namespace p2p {

namespace {

enum class Payload : uint8_t { none, whole, trimmed };

// Lengths as on the wire, of the frame without its payload: from `length_min` to `length_max` in
// steps of `length_step`.
struct FrameRule {
  FrameType type;
  std::string_view name;
  uint32_t length_min;
  uint32_t length_step;
  uint32_t length_max;
  Payload payload = Payload::none;
};

constexpr uint32_t kTypeAndDigest = 1 + Digest::kSize;
constexpr uint32_t kPeerLengthMax = 1 + kRecordSize * kPeerRecordsMax + kPeerTrailingMax;
constexpr uint32_t kFoundLengthMin = kTypeAndDigest + 2;  // no records; the two are their counts
constexpr uint32_t kFoundLengthMax =
    kFoundLengthMin + kRecordSize * (kFoundHoldersMax + kFoundNearestMax);

constexpr std::array<FrameRule, 10> kRules{{
    {FrameType::ask, "ask", kTypeAndDigest, 1, kTypeAndDigest},
    {FrameType::give, "give", kTypeAndDigest, 1, kTypeAndDigest, Payload::whole},
    {FrameType::peer, "peer", 1, 1, kPeerLengthMax},
    {FrameType::want, "want", kTypeAndDigest, Digest::kSize, kControlFrameLengthMax},
    {FrameType::have, "have", kTypeAndDigest, Digest::kSize, kControlFrameLengthMax},
    {FrameType::lack, "lack", kTypeAndDigest, Digest::kSize, kControlFrameLengthMax},
    {FrameType::cancel, "cancel", kTypeAndDigest, Digest::kSize, kControlFrameLengthMax},
    {FrameType::seek, "seek", kTypeAndDigest + 1, 1, kTypeAndDigest + 1},
    {FrameType::found, "found", kFoundLengthMin, kRecordSize, kFoundLengthMax},
    {FrameType::trim, "trim", kTypeAndDigest, 1, kTypeAndDigest, Payload::trimmed},
}};
static_assert(kFoundLengthMax <= kControlFrameLengthMax);
static_assert(kPeerTrailingMax < kRecordSize);  // else a length would not say how many records

const FrameRule* find_rule(uint8_t type) {
  for (const FrameRule& rule : kRules) {
    if (static_cast<uint8_t>(rule.type) == type) return &rule;
  }
  return nullptr;
}

bool length_fits(const FrameRule& rule, uint32_t length, PieceSize piece_size) {
  const uint32_t piece = piece_size.bytes();
  const uint32_t payload_min = rule.payload == Payload::whole ? piece : 0;
  const uint32_t payload_max = rule.payload == Payload::trimmed ? piece - 1 : payload_min;
  const uint32_t length_min = rule.length_min + payload_min;
  const uint32_t length_max = rule.length_max + payload_max;
  return length >= length_min && length <= length_max &&
         (length - length_min) % rule.length_step == 0;
}

constexpr std::array<std::byte, 4> kHelloMagic{std::byte{'P'}, std::byte{'2'}, std::byte{'P'},
                                               std::byte{'X'}};
constexpr size_t kVersionAt = 4;
constexpr size_t kCapabilitiesAt = 5;
constexpr size_t kPieceSizeAt = 7;
constexpr size_t kNonceAt = 8;
constexpr size_t kCheckAt = 16;
static_assert(kCheckAt + 1 == HelloTrailer::kSize && HelloTrailer::kSize == kPeerTrailingMax);

std::byte xor_of(std::span<const std::byte> bytes) {
  std::byte sum{0};
  for (const std::byte b : bytes) sum ^= b;
  return sum;
}

}  // namespace

FrameVerdict judge_frame(uint8_t type, uint32_t length, PeerKind from, PieceSize piece_size) {
  const bool extended = from == PeerKind::extended;
  if (type > kLegacyTypeMax && !extended) return FrameVerdict::unknown_type;
  const FrameRule* const rule = find_rule(type);
  if (rule == nullptr) {
    const bool skippable = length > 0 && length <= kUnknownFrameLengthMax;
    return skippable ? FrameVerdict::skip : FrameVerdict::bad_length;
  }
  return length_fits(*rule, length, piece_size) ? FrameVerdict::known : FrameVerdict::bad_length;
}

std::string_view frame_type_name(uint8_t type) {
  const FrameRule* const rule = find_rule(type);
  return rule == nullptr ? "unknown" : rule->name;
}

std::array<std::byte, HelloTrailer::kSize> HelloTrailer::encode() const {
  std::array<std::byte, kSize> bytes{};
  const std::span<std::byte> out = bytes;
  std::copy(kHelloMagic.begin(), kHelloMagic.end(), bytes.begin());
  bytes[kVersionAt] = std::byte{version};
  store_u16le(out.subspan(kCapabilitiesAt), capabilities);
  bytes[kPieceSizeAt] = std::byte{piece_size_log2};
  store_u64le(out.subspan(kNonceAt), nonce);
  bytes[kCheckAt] = xor_of(out.first(kCheckAt));
  return bytes;
}

std::optional<HelloTrailer> HelloTrailer::parse(std::span<const std::byte> bytes) {
  if (bytes.size() != kSize) return std::nullopt;
  if (!std::equal(kHelloMagic.begin(), kHelloMagic.end(), bytes.begin())) return std::nullopt;
  if (xor_of(bytes.first(kCheckAt)) != bytes[kCheckAt]) return std::nullopt;
  HelloTrailer hello;
  hello.version = std::to_integer<uint8_t>(bytes[kVersionAt]);
  hello.capabilities = load_u16le(bytes.subspan(kCapabilitiesAt));
  hello.piece_size_log2 = std::to_integer<uint8_t>(bytes[kPieceSizeAt]);
  hello.nonce = load_u64le(bytes.subspan(kNonceAt));
  return hello;
}

}  // namespace p2p
