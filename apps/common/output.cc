#include "apps/common/output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace p2p::app {

bool print_line(std::string_view line) {
  std::string text(line);
  text += '\n';
  return write_all(STDOUT_FILENO, std::as_bytes(std::span(text)));
}

bool output_ready(int fd) {
  pollfd wanted{.fd = fd, .events = POLLOUT, .revents = 0};
  return poll(&wanted, 1, 0) == 1;
}

bool write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<size_t>(written));
    } else if (errno == EAGAIN) {
      // Somebody else made the pipe or the terminal non-blocking: wait for its reader here.
      pollfd wanted{.fd = fd, .events = POLLOUT, .revents = 0};
      if (poll(&wanted, 1, -1) < 0 && errno != EINTR) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace p2p::app
