#include "io_linux/socket.h"

#include <netinet/tcp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "engine/base/check.h"

namespace p2p::io_linux {
namespace {

constexpr size_t kV4Offset = 12;  // where the four bytes of a mapped address are

template <class Name>
std::optional<Endpoint> endpoint_of(int fd, Name name) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (name(fd, address, &length) != 0) return std::nullopt;
  return to_endpoint(address, length);
}

void set_option(int fd, int level, int option, int value) {
  // Only options that every TCP socket has: a refusal would be a mistake of ours.
  P2P_CHECK(::setsockopt(fd, level, option, &value, sizeof value) == 0);
}

}  // namespace

std::optional<SocketAddress> to_socket_address(const Endpoint& endpoint, int family) {
  SocketAddress out;
  const auto& bytes = endpoint.address.bytes;
  if (family == AF_INET6) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
    std::memcpy(&out.storage, &v6, sizeof v6);
    out.length = sizeof v6;
    return out;
  }
  P2P_CHECK(family == AF_INET);
  const bool any = endpoint.address == Address::any();
  if (!any && !endpoint.address.is_v4_mapped()) return std::nullopt;
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(endpoint.port);
  std::memcpy(&v4.sin_addr, bytes.data() + kV4Offset, sizeof v4.sin_addr);
  std::memcpy(&out.storage, &v4, sizeof v4);
  out.length = sizeof v4;
  return out;
}

std::optional<Endpoint> to_endpoint(const sockaddr* address, socklen_t length) {
  if (address->sa_family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    Endpoint endpoint{{}, ntohs(v6.sin6_port)};
    std::memcpy(endpoint.address.bytes.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
    return endpoint;
  }
  if (address->sa_family == AF_INET && length >= sizeof(sockaddr_in)) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    Endpoint endpoint{Address::v4(0, 0, 0, 0), ntohs(v4.sin_port)};
    std::memcpy(endpoint.address.bytes.data() + kV4Offset, &v4.sin_addr, sizeof v4.sin_addr);
    return endpoint;
  }
  return std::nullopt;
}

NewSocket make_tcp_socket() {
  constexpr int kType = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  Fd fd(::socket(AF_INET6, kType, 0));
  if (fd) {
    set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
    return {std::move(fd), AF_INET6};
  }
  if (errno != EAFNOSUPPORT) return {};
  return {Fd(::socket(AF_INET, kType, 0)), AF_INET};
}

std::optional<Endpoint> local_endpoint(int fd) { return endpoint_of(fd, ::getsockname); }

std::optional<Endpoint> remote_endpoint(int fd) { return endpoint_of(fd, ::getpeername); }

void set_no_delay(int fd) {
  const int on = 1;
  // Refused on a connection that has been reset already, which is said when it is read.
  [[maybe_unused]] const int done = ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int socket_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  return error;
}

std::optional<Duration> round_trip_of(int fd) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return std::nullopt;
  if (info.tcpi_rtt == 0) return std::nullopt;
  return Duration::microseconds(info.tcpi_rtt);
}

NetError to_net_error(int error_number) {
  switch (error_number) {
    case ECONNRESET:
    case EPIPE:
    case ECONNABORTED:
    case ENOTCONN:
      return NetError::reset;
    case ECONNREFUSED:
      return NetError::refused;
    case ETIMEDOUT:
      return NetError::timed_out;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
      return NetError::unreachable;
    case EMFILE:
    case ENFILE:
      return NetError::out_of_descriptors;
    default:
      return NetError::other;
  }
}

}  // namespace p2p::io_linux
