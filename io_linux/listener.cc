#include "io_linux/listener.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "io_linux/error_text.h"
#include "io_linux/socket.h"

namespace p2p::io_linux {
namespace {

// The kernel lowers it to net.core.somaxconn. A thousand nodes may start at once.
constexpr int kBacklog = 4096;
constexpr Duration kStarvationNoticeEvery = Duration::seconds(60);

std::string listen_error(const Endpoint& endpoint, int error_number) {
  const std::string where = "cannot listen on " + endpoint.text() + ": ";
  switch (error_number) {
    case EADDRINUSE:
      return where + "another program listens there already; stop it, or choose another port";
    case EADDRNOTAVAIL:
      return where + "this machine has no such address";
    case EACCES:
      return where + "ports below 1024 need more rights; choose another port";
    case EAFNOSUPPORT:
      return where + "this machine has no IPv6";
    default:
      return where + error_text(error_number);
  }
}

// What accept() says about the connection that waited, not about the listening socket (accept(2)).
bool is_about_one_connection(int error_number) {
  switch (error_number) {
    case ECONNABORTED:
    case EINTR:
    case EPERM:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
    case ETIMEDOUT:
      return true;
    default:
      return false;
  }
}

}  // namespace

ListenResult listen_on(const Endpoint& endpoint, SocketBuffers& buffers) {
  const auto failed = [&](int error_number) {
    return ListenResult{{}, {}, error_number, listen_error(endpoint, error_number)};
  };
  NewSocket socket = make_tcp_socket();
  if (!socket.fd) return failed(errno);
  const int fd = socket.fd.get();
  const auto address = to_socket_address(endpoint, socket.family);
  if (!address) return failed(EAFNOSUPPORT);

  // A node that is started again gets its port while old connections are in TIME_WAIT.
  const int on = 1;
  if (::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return failed(errno);
  buffers.apply(fd);
  if (::bind(fd, address->get(), address->length) != 0) return failed(errno);
  if (::listen(fd, kBacklog) != 0) return failed(errno);
  const auto local = local_endpoint(fd);
  if (!local) return failed(errno);
  return {std::move(socket.fd), *local, 0, {}};
}

AcceptResult accept_from(int listening_fd) {
  using Status = AcceptResult::Status;
  // As many as may have ended in the queue; an error that never ceases must not hold the loop.
  for (int tries = 0; tries < kBacklog; ++tries) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    auto* address = reinterpret_cast<sockaddr*>(&storage);
    Fd fd(::accept4(listening_fd, address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) {
      const int error_number = errno;
      if (error_number == EAGAIN) return {};
      if (is_about_one_connection(error_number)) continue;
      return {Status::starved, {}, {}, {}, error_number};
    }
    const auto remote = to_endpoint(address, length);
    const auto local = local_endpoint(fd.get());
    if (!remote || !local) continue;
    set_no_delay(fd.get());
    return {Status::accepted, std::move(fd), *local, *remote, 0};
  }
  return {};
}

std::optional<std::string> StarvationNotice::at(Time now, int error_number) {
  if (last_ && now - *last_ < kStarvationNoticeEvery) return std::nullopt;
  last_ = now;
  std::string text = "cannot accept a connection: " + error_text(error_number);
  if (error_number == EMFILE) text += "; raise the limit of this process with `ulimit -n`";
  if (error_number == ENFILE) text += "; raise the limit of the machine with `sysctl fs.file-max`";
  return text;
}

}  // namespace p2p::io_linux
