// The kernel's socket buffers: how large they are asked to be, and what is said when the kernel
// gives less.
//
// Buffers count before the connection is made: the receive buffer decides the window scale that TCP
// offers in its SYN, so they are set on listening sockets before listen() (accepted ones inherit
// them) and on dialling ones before connect(). More than net.core.rmem_max and wmem_max takes
// CAP_NET_ADMIN (socket(7): SO_RCVBUFFORCE). All sizes are bytes as asked for: the kernel doubles
// them for its own bookkeeping, and what it reports is halved here.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace p2p::io_linux {

// `--sockbuf force|auto|SIZE`.
struct SocketBufferPolicy {
  // 1 Gbit/s over a round trip of 64 ms. On loopback every size from 256 KiB measures alike.
  static constexpr uint32_t kForceBytes = uint32_t{8} << 20;
  // The kernel doubles the number in a signed 32-bit integer.
  static constexpr uint32_t kMaxBytes = uint32_t{1} << 29;

  // nullopt: the kernel tunes both by itself (tcp_rmem, tcp_wmem). Otherwise 1 to kMaxBytes.
  std::optional<uint32_t> bytes = kForceBytes;
};

enum class SocketBuffer { receive, send };

// What the kernel gave when `asked` bytes were asked for.
struct BufferOutcome {
  SocketBuffer which = SocketBuffer::receive;
  uint32_t asked = 0;
  uint32_t got = 0;
  bool forced = false;  // past the limits of net.core
};
// Forces the buffer, or takes what may be had without the privilege, and reads it back.
BufferOutcome set_buffer(int fd, SocketBuffer which, uint32_t bytes);

// One sentence: which buffers came out smaller, asked, got, and what to type; nullopt when none
// did. `program` is the path of the program that the capability would be given to.
std::optional<std::string> buffer_warning(const BufferOutcome& receive, const BufferOutcome& send,
                                          const std::string& program);

// Applies one policy to all sockets of a process. When a buffer comes out smaller that is said
// once, through `warn`.
class SocketBuffers {
 public:
  SocketBuffers(SocketBufferPolicy policy, std::function<void(const std::string&)> warn);
  void apply(int fd);

 private:
  SocketBufferPolicy policy_;
  std::function<void(const std::string&)> warn_;
  bool warned_ = false;
};

}  // namespace p2p::io_linux
