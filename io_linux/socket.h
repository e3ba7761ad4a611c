// TCP sockets: dual-stack IPv6, non-blocking, closed on exec. Where the kernel has no IPv6 they are
// IPv4 sockets, and endpoints stay what they are elsewhere: ::ffff:a.b.c.d.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>

#include "engine/base/endpoint.h"
#include "engine/base/time.h"
#include "engine/core/event.h"
#include "io_linux/fd.h"

namespace p2p::io_linux {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// In the form that a socket of this family (AF_INET6 or AF_INET) takes; nullopt for an IPv6 address
// and AF_INET. `::` becomes 0.0.0.0 there.
std::optional<SocketAddress> to_socket_address(const Endpoint& endpoint, int family);
// nullopt for families other than the two.
std::optional<Endpoint> to_endpoint(const sockaddr* address, socklen_t length);

// `family` is that of the socket; -1 in `fd` leaves the reason in errno.
struct NewSocket {
  Fd fd;
  int family = AF_INET6;
};
NewSocket make_tcp_socket();

std::optional<Endpoint> local_endpoint(int fd);
std::optional<Endpoint> remote_endpoint(int fd);
// TCP_NODELAY: frames are answered, not gathered.
void set_no_delay(int fd);
// The pending error of a socket (SO_ERROR), which this clears; 0: none.
int socket_error(int fd);
// The kernel's smoothed estimate of a TCP connection (TCP_INFO, tcpi_rtt), in whole microseconds;
// nullopt when it has none.
std::optional<Duration> round_trip_of(int fd);

NetError to_net_error(int error_number);

}  // namespace p2p::io_linux
