#include "tests/property/wire/wire_generators.h"

#include <algorithm>

#include "engine/base/random.h"

namespace p2p::property {

namespace {

// Digests, endpoints and payloads are drawn from one number each: a list of a thousand digests
// would otherwise cost more to draw than to decode.
std::vector<std::byte> bytes_from(uint64_t seed, size_t length) {
  Random random(Seed{seed});
  std::vector<std::byte> bytes(length);
  for (std::byte& b : bytes) b = static_cast<std::byte>(random.below(256));
  return bytes;
}

Digest digest_from(uint64_t seed) {
  const auto bytes = bytes_from(seed, Digest::kSize);
  Digest digest;
  std::copy(bytes.begin(), bytes.end(), digest.bytes.begin());
  return digest;
}

Endpoint endpoint_from(uint64_t seed) {
  const auto bytes = bytes_from(seed, 16);
  Endpoint endpoint;
  std::copy(bytes.begin(), bytes.end(), endpoint.address.bytes.begin());
  endpoint.port = static_cast<uint16_t>(seed);
  return endpoint;
}

uint64_t any_seed() { return *rc::gen::arbitrary<uint64_t>(); }

// The ends are drawn as often as all between them: that is where mistakes are.
size_t any_count(size_t least, size_t most) {
  return *rc::gen::weightedOneOf<size_t>(
      {{1, rc::gen::just(least)},
       {1, rc::gen::just(most)},
       {3, rc::gen::inRange(least, std::min(most, least + 8) + 1)},
       {1, rc::gen::inRange(least, most + 1)}});
}

std::vector<Endpoint> any_endpoints(size_t most) {
  std::vector<Endpoint> endpoints(any_count(0, most));
  uint64_t seed = any_seed();
  for (Endpoint& endpoint : endpoints) endpoint = endpoint_from(seed++);
  return endpoints;
}

std::vector<Digest> any_digests(size_t most) {
  std::vector<Digest> digests(any_count(1, most));
  uint64_t seed = any_seed();
  for (Digest& digest : digests) digest = digest_from(seed++);
  return digests;
}

std::vector<std::byte> any_trailing() {
  if (*rc::gen::inRange(0, 2) == 0) {
    const auto hello = HelloTrailer{.nonce = any_seed()}.encode();
    return {hello.begin(), hello.end()};
  }
  const size_t length = any_count(0, kPeerTrailingMax);
  return bytes_from(any_seed(), length);
}

DigestListMessage any_digest_list(size_t most) {
  const FrameType type =
      *rc::gen::element(FrameType::want, FrameType::have, FrameType::lack, FrameType::cancel);
  return {type, any_digests(most)};
}

FoundMessage any_found() {
  const Digest id = digest_from(any_seed());
  auto holders = any_endpoints(kFoundHoldersMax);
  auto nearest = any_endpoints(kFoundNearestMax);
  return {id, std::move(holders), std::move(nearest)};
}

Message message_of_at_most(size_t records, size_t digests) {
  switch (*rc::gen::inRange(0, 5)) {
    case 0:
      return AskMessage{digest_from(any_seed())};
    case 1: {
      auto endpoints = any_endpoints(records);
      return PeerMessage{std::move(endpoints), any_trailing()};
    }
    case 2:
      return any_digest_list(digests);
    case 3: {
      const Digest id = digest_from(any_seed());
      return SeekMessage{id, *rc::gen::arbitrary<uint8_t>()};
    }
    default:
      return any_found();
  }
}

}  // namespace

rc::Gen<Message> any_message() {
  return rc::gen::exec([] { return message_of_at_most(kPeerRecordsMax, kDigestListMax); });
}

rc::Gen<Message> short_message() {
  return rc::gen::exec([] { return message_of_at_most(6, 4); });
}

rc::Gen<ReceivedFrame> any_payload_frame(PieceSize piece_size) {
  return rc::gen::exec([piece_size] {
    const bool whole = *rc::gen::arbitrary<bool>();
    const uint32_t length =
        whole ? piece_size.bytes() : static_cast<uint32_t>(any_count(0, piece_size.bytes() - 1));
    const PayloadEnd end{whole ? FrameType::give : FrameType::trim, digest_from(any_seed()), length,
                         false};
    return ReceivedFrame{end, bytes_from(any_seed(), length)};
  });
}

rc::Gen<std::vector<Cut>> any_cuts() {
  const auto cut = rc::gen::exec([] {
    const size_t longest = *rc::gen::element<size_t>(1, 8, 200, 5000);
    const size_t length = *rc::gen::inRange<size_t>(1, longest + 1);
    return Cut{length, *rc::gen::arbitrary<bool>()};
  });
  return rc::gen::nonEmpty(rc::gen::container<std::vector<Cut>>(cut));
}

void feed(FrameStream& stream, std::span<const std::byte> bytes, const std::vector<Cut>& cuts) {
  for (size_t i = 0; !bytes.empty(); ++i) {
    const Cut& cut = cuts[i % cuts.size()];
    const auto part = bytes.first(std::min(cut.length, bytes.size()));
    bytes = bytes.subspan(part.size());
    if (cut.through_window) {
      stream.through_window(part);
    } else {
      stream.through_next(part);
    }
  }
}

}  // namespace p2p::property
