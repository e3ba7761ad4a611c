#include "tests/legacy/legacy_wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

namespace p2p::legacy {
namespace {

void store_u32(Bytes& out, size_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<uint8_t>(value >> shift));
}

Bytes frame_head(uint8_t type, size_t body_bytes) {
  Bytes frame;
  frame.reserve(5 + body_bytes);
  store_u32(frame, 1 + body_bytes);
  frame.push_back(type);
  return frame;
}

}  // namespace

bool Record::is_loopback() const {
  in6_addr in{};
  std::memcpy(&in, address.data(), address.size());
  return IN6_IS_ADDR_LOOPBACK(&in) || (IN6_IS_ADDR_V4MAPPED(&in) && address[12] == 127);
}

std::string Record::text() const {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(AF_INET6, address.data(), text, sizeof text);
  return "[" + std::string(text) + "]:" + std::to_string(port);
}

Hash sha256(std::span<const uint8_t> bytes) {
  Hash hash;
  unsigned length = 0;
  EVP_Digest(bytes.data(), bytes.size(), hash.data(), &length, EVP_sha256(), nullptr);
  return hash;
}

Bytes demo_piece(uint32_t number, size_t piece_size) {
  Bytes piece(piece_size, 0);
  for (size_t i = 0; i < 4; ++i) piece[i] = static_cast<uint8_t>(number >> (8 * i));
  return piece;
}

uint32_t load_u32(std::span<const uint8_t> bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value |= static_cast<uint32_t>(bytes[i]) << (8 * i);
  return value;
}

Bytes ask_frame(const Hash& hash) {
  Bytes frame = frame_head(kAsk, hash.size());
  frame.insert(frame.end(), hash.begin(), hash.end());
  return frame;
}

Bytes give_frame(const Hash& hash, std::span<const uint8_t> piece) {
  Bytes frame = frame_head(kGive, hash.size() + piece.size());
  frame.insert(frame.end(), hash.begin(), hash.end());
  frame.insert(frame.end(), piece.begin(), piece.end());
  return frame;
}

Bytes peer_list_frame(std::span<const uint16_t> ports) {
  Bytes frame = frame_head(kPeerList, ports.size() * kRecordBytes);
  for (uint16_t port : ports) {
    frame.insert(frame.end(), 15, 0);
    frame.push_back(1);
    frame.push_back(static_cast<uint8_t>(port));
    frame.push_back(static_cast<uint8_t>(port >> 8));
  }
  return frame;
}

std::vector<Record> parse_records(std::span<const uint8_t> body) {
  std::vector<Record> records;
  for (; body.size() >= kRecordBytes; body = body.subspan(kRecordBytes)) {
    Record record;
    std::copy_n(body.begin(), record.address.size(), record.address.begin());
    record.port = static_cast<uint16_t>(body[16] | (body[17] << 8));
    records.push_back(record);
  }
  return records;
}

}  // namespace p2p::legacy
