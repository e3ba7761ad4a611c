// A peer made of bytes: one TCP connection over which a test sends what it likes and reads frames.
// Blocking, with deadlines. It builds its frames itself and shares nothing with the engine.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/deadline.h"

namespace p2p::testing {

using Bytes = std::vector<uint8_t>;

// Hex digits, blanks between them ignored. Throws std::invalid_argument.
Bytes from_hex(std::string_view hex);

// u32 length, type, body.
Bytes frame(uint8_t type, std::span<const uint8_t> body);

// The first frame of one of ours (docs/protocol.md, Hello).
struct HelloFields {
  Bytes records;              // whole records of 18 bytes
  uint16_t capabilities = 1;  // the extension, not listening
  uint8_t piece_size_log2 = 20;
  uint64_t nonce = 1;
};
Bytes hello(const HelloFields& fields = {});

struct RawFrame {
  uint8_t type = 0;
  Bytes body;
};

class RawPeer {
 public:
  // "[::1]:8100" or "127.0.0.1:8100". Throws std::runtime_error when nobody answers in time.
  explicit RawPeer(const std::string& endpoint, milliseconds timeout = kSoon);
  ~RawPeer();
  RawPeer(RawPeer&& other) noexcept;
  RawPeer& operator=(RawPeer&& other) noexcept;

  // False when the other side closed before all of it went out, or the deadline passed.
  bool send(std::span<const uint8_t> bytes, milliseconds timeout = kSoon);
  bool send_hex(std::string_view hex) { return send(from_hex(hex)); }

  // nullopt when the connection ended, or the deadline passed, before a frame was whole.
  std::optional<RawFrame> read_frame(milliseconds timeout = kSoon);

  // Reads and drops all that comes. True once the other side has closed.
  bool wait_closed(milliseconds timeout = kSoon);

 private:
  // False at the end of the connection or the deadline.
  bool receive_some(const Deadline& deadline);

  int fd_ = -1;
  Bytes unread_;
};

// A TCP port of [::1] on which nobody listened a moment ago.
uint16_t unused_port();

// Takes a port of [::1], or any where it is 0, and keeps it as long as it lives, accepting nobody.
class PortHolder {
 public:
  explicit PortHolder(uint16_t port = 0);
  ~PortHolder();
  PortHolder(const PortHolder&) = delete;
  PortHolder& operator=(const PortHolder&) = delete;
  uint16_t port() const { return port_; }

 private:
  int fd_ = -1;
  uint16_t port_ = 0;
};

}  // namespace p2p::testing
