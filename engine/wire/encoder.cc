#include "engine/wire/encoder.h"

#include <algorithm>

#include "engine/base/bytes.h"
#include "engine/base/check.h"

namespace p2p {

namespace {

std::byte type_byte(FrameType type) { return static_cast<std::byte>(type); }

void write_record(std::span<std::byte> out, const Endpoint& endpoint) {
  const auto& address = endpoint.address.bytes;
  std::copy(address.begin(), address.end(), out.begin());
  store_u16le(out.subspan(address.size()), endpoint.port);
}

// Writes one frame at the end of a buffer whose room it makes at once.
class FrameWriter {
 public:
  FrameWriter(std::vector<std::byte>& out, FrameType type, size_t body_size) {
    const size_t start = out.size();
    out.resize(start + kFrameHeaderSize + body_size);
    rest_ = std::span(out).subspan(start);
    store_u32le(claim(kFrameLengthSize), static_cast<uint32_t>(1 + body_size));
    put(type_byte(type));
  }

  void put(std::byte value) { claim(1).front() = value; }
  void put(const Digest& digest) { put_bytes(digest.bytes); }
  void put_bytes(std::span<const std::byte> bytes) {
    std::copy(bytes.begin(), bytes.end(), claim(bytes.size()).begin());
  }
  void put_records(std::span<const Endpoint> records) {
    auto to = claim(records.size() * kRecordSize);
    for (const Endpoint& record : records) {
      write_record(to, record);
      to = to.subspan(kRecordSize);
    }
  }

  // Requires that the whole body was put.
  void finish() const { P2P_CHECK(rest_.empty()); }

 private:
  std::span<std::byte> claim(size_t size) {
    P2P_CHECK(size <= rest_.size());
    const auto claimed = rest_.first(size);
    rest_ = rest_.subspan(size);
    return claimed;
  }

  std::span<std::byte> rest_;
};

void append(std::vector<std::byte>& out, const AskMessage& message) {
  FrameWriter frame(out, FrameType::ask, Digest::kSize);
  frame.put(message.digest);
  frame.finish();
}

void append(std::vector<std::byte>& out, const PeerMessage& message) {
  P2P_CHECK(message.records.size() <= kPeerRecordsMax);
  P2P_CHECK(message.trailing.size() <= kPeerTrailingMax);
  FrameWriter frame(out, FrameType::peer,
                    message.records.size() * kRecordSize + message.trailing.size());
  frame.put_records(message.records);
  frame.put_bytes(message.trailing);
  frame.finish();
}

void append(std::vector<std::byte>& out, const DigestListMessage& message) {
  append_digest_list(out, message.type, message.digests);
}

void append(std::vector<std::byte>& out, const SeekMessage& message) {
  FrameWriter frame(out, FrameType::seek, Digest::kSize + 1);
  frame.put(message.id);
  frame.put(std::byte{message.flags});
  frame.finish();
}

void append(std::vector<std::byte>& out, const FoundMessage& message) {
  P2P_CHECK(message.holders.size() <= kFoundHoldersMax);
  P2P_CHECK(message.nearest.size() <= kFoundNearestMax);
  const size_t records = message.holders.size() + message.nearest.size();
  FrameWriter frame(out, FrameType::found, Digest::kSize + 2 + records * kRecordSize);
  frame.put(message.id);
  frame.put(static_cast<std::byte>(message.holders.size()));
  frame.put(static_cast<std::byte>(message.nearest.size()));
  frame.put_records(message.holders);
  frame.put_records(message.nearest);
  frame.finish();
}

bool is_digest_list(FrameType type) {
  return type == FrameType::want || type == FrameType::have || type == FrameType::lack ||
         type == FrameType::cancel;
}

std::array<std::byte, kGiveHeaderSize> payload_header(FrameType type, const Digest& digest,
                                                      uint32_t payload_length) {
  std::array<std::byte, kGiveHeaderSize> header{};
  store_u32le(header, static_cast<uint32_t>(1 + Digest::kSize) + payload_length);
  header[kFrameLengthSize] = type_byte(type);
  std::copy(digest.bytes.begin(), digest.bytes.end(), header.begin() + kFrameHeaderSize);
  return header;
}

}  // namespace

void append_frame(std::vector<std::byte>& out, const Message& message) {
  std::visit([&out](const auto& m) { append(out, m); }, message);
}

void append_digest_list(std::vector<std::byte>& out, FrameType type,
                        std::span<const Digest> digests) {
  P2P_CHECK(is_digest_list(type));
  P2P_CHECK(!digests.empty() && digests.size() <= kDigestListMax);
  FrameWriter frame(out, type, digests.size() * Digest::kSize);
  static_assert(sizeof(Digest) == Digest::kSize);  // so that a row of them is the body
  frame.put_bytes(std::as_bytes(digests));
  frame.finish();
}

std::array<std::byte, kGiveHeaderSize> encode_give_header(const Digest& digest,
                                                          PieceSize piece_size) {
  return payload_header(FrameType::give, digest, piece_size.bytes());
}

std::array<std::byte, kGiveHeaderSize> encode_trim_header(const Digest& digest, uint32_t length,
                                                          PieceSize piece_size) {
  P2P_CHECK(length < piece_size.bytes());
  return payload_header(FrameType::trim, digest, length);
}

std::array<std::byte, kRecordSize> encode_record(const Endpoint& endpoint) {
  std::array<std::byte, kRecordSize> record{};
  write_record(record, endpoint);
  return record;
}

}  // namespace p2p
