#include "engine/overlay/saved_book.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/digest.h"

namespace p2p {

namespace {

constexpr std::array<std::byte, 4> kBookMagic{std::byte{'P'}, std::byte{'2'}, std::byte{'P'},
                                              std::byte{'B'}};
constexpr uint32_t kVersion = 1;
constexpr size_t kHeaderBytes = 12;
constexpr size_t kAddressBytes = 16;
static_assert(SavedBook::kEmptyBytes == kHeaderBytes + Digest::kSize);

uint32_t whole_seconds(Duration duration) {
  return static_cast<uint32_t>(std::clamp<int64_t>(duration.count_s(), 0, UINT32_MAX));
}

void write_peer(std::span<std::byte> out, const SavedPeer& peer) {
  std::copy(peer.endpoint.address.bytes.begin(), peer.endpoint.address.bytes.end(), out.begin());
  store_u16le(out.subspan(kAddressBytes), peer.endpoint.port);
  store_u32le(out.subspan(kAddressBytes + 2), whole_seconds(peer.since_alive));
}

SavedPeer read_peer(std::span<const std::byte> in) {
  SavedPeer peer;
  std::copy_n(in.begin(), kAddressBytes, peer.endpoint.address.bytes.begin());
  peer.endpoint.port = load_u16le(in.subspan(kAddressBytes));
  peer.since_alive = Duration::seconds(load_u32le(in.subspan(kAddressBytes + 2)));
  return peer;
}

}  // namespace

Slice encode_book(const SavedBook& book) {
  P2P_CHECK(book.peers.size() <= SavedBook::kMax);
  const size_t body = kHeaderBytes + book.peers.size() * SavedBook::kPeerBytes;
  auto block = std::make_shared<Block>(body + Digest::kSize);
  const std::span<std::byte> out = block->writable();
  std::copy(kBookMagic.begin(), kBookMagic.end(), out.begin());
  store_u32le(out.subspan(4), kVersion);
  store_u32le(out.subspan(8), static_cast<uint32_t>(book.peers.size()));
  for (size_t i = 0; i < book.peers.size(); ++i) {
    write_peer(out.subspan(kHeaderBytes + i * SavedBook::kPeerBytes), book.peers[i]);
  }
  const Digest sum = sha256(out.first(body));
  std::copy(sum.bytes.begin(), sum.bytes.end(), out.subspan(body).begin());
  return Slice(std::move(block));
}

std::variant<SavedBook, std::string> decode_book(std::span<const std::byte> bytes) {
  const size_t there = std::min(bytes.size(), kBookMagic.size());
  if (!std::equal(kBookMagic.begin(), kBookMagic.begin() + static_cast<std::ptrdiff_t>(there),
                  bytes.begin())) {
    return "it does not begin as an address book does";
  }
  if (bytes.size() < SavedBook::kEmptyBytes) return "it is cut off";
  const uint32_t version = load_u32le(bytes.subspan(4));
  const uint32_t count = load_u32le(bytes.subspan(8));
  if (version != kVersion) {
    return "it is of version " + std::to_string(version) + ", which is not known here";
  }
  if (count > SavedBook::kMax) return "it claims more peers than a book has";
  const size_t body = kHeaderBytes + count * SavedBook::kPeerBytes;
  if (bytes.size() < body + Digest::kSize) return "it is cut off";
  if (bytes.size() > body + Digest::kSize) return "it goes on behind its end";
  const Digest sum = sha256(bytes.first(body));
  if (!std::equal(sum.bytes.begin(), sum.bytes.end(), bytes.subspan(body).begin())) {
    return "its bytes don't match their sum";
  }
  SavedBook book;
  book.peers.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    book.peers.push_back(
        read_peer(bytes.subspan(kHeaderBytes + i * SavedBook::kPeerBytes, SavedBook::kPeerBytes)));
  }
  return book;
}

}  // namespace p2p
