#include "io_linux/socket_buffers.h"

#include <sys/socket.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/base/check.h"

namespace p2p::io_linux {
namespace {

struct BufferOptions {
  int force;
  int plain;
  const char* name;
  const char* sysctl;
};

BufferOptions options_of(SocketBuffer which) {
  switch (which) {
    case SocketBuffer::receive:
      return {SO_RCVBUFFORCE, SO_RCVBUF, "receive", "net.core.rmem_max"};
    case SocketBuffer::send:
      return {SO_SNDBUFFORCE, SO_SNDBUF, "send", "net.core.wmem_max"};
  }
  check_failed("no such socket buffer");
}

std::string size_text(uint32_t bytes) {
  if (bytes % (1U << 20) == 0) return std::to_string(bytes >> 20) + " MiB";
  if (bytes % (1U << 10) == 0) return std::to_string(bytes >> 10) + " KiB";
  return std::to_string(bytes) + " bytes";
}

std::string own_program() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "p2pnode" : path.string();
}

}  // namespace

BufferOutcome set_buffer(int fd, SocketBuffer which, uint32_t bytes) {
  P2P_CHECK(bytes >= 1 && bytes <= SocketBufferPolicy::kMaxBytes);
  const BufferOptions options = options_of(which);
  BufferOutcome outcome{which, bytes, 0, false};
  const int value = static_cast<int>(bytes);
  outcome.forced = ::setsockopt(fd, SOL_SOCKET, options.force, &value, sizeof value) == 0;
  if (!outcome.forced) ::setsockopt(fd, SOL_SOCKET, options.plain, &value, sizeof value);

  int doubled = 0;
  socklen_t length = sizeof doubled;
  P2P_CHECK(::getsockopt(fd, SOL_SOCKET, options.plain, &doubled, &length) == 0 && doubled >= 0);
  outcome.got = static_cast<uint32_t>(doubled) / 2;
  return outcome;
}

std::optional<std::string> buffer_warning(const BufferOutcome& receive, const BufferOutcome& send,
                                          const std::string& program) {
  std::string what;
  std::string sysctl;
  for (const BufferOutcome& outcome : {receive, send}) {
    if (outcome.got >= outcome.asked) continue;
    const BufferOptions options = options_of(outcome.which);
    if (!what.empty()) what += " and ";
    what += std::string("a ") + options.name + " buffer of " + size_text(outcome.got) + " where " +
            size_text(outcome.asked) + " were asked for";
    sysctl += std::string(" ") + options.sysctl + "=" + std::to_string(outcome.asked);
  }
  if (what.empty()) return std::nullopt;
  return "the kernel gives sockets " + what +
         ", so fast and distant peers are slower; type `sudo "
         "setcap cap_net_admin+ep " +
         program +
         "` once, or run it with sudo, or type `sudo sysctl "
         "-w" +
         sysctl + "`, or give --sockbuf auto to leave the buffers to the kernel";
}

SocketBuffers::SocketBuffers(SocketBufferPolicy policy,
                             std::function<void(const std::string&)> warn)
    : policy_(policy), warn_(std::move(warn)) {}

void SocketBuffers::apply(int fd) {
  if (!policy_.bytes) return;
  const BufferOutcome receive = set_buffer(fd, SocketBuffer::receive, *policy_.bytes);
  const BufferOutcome send = set_buffer(fd, SocketBuffer::send, *policy_.bytes);
  if (warned_) return;
  const auto warning = buffer_warning(receive, send, own_program());
  if (!warning) return;
  warned_ = true;
  if (warn_) warn_(*warning);
}

}  // namespace p2p::io_linux
