#include "tests/support/raw_peer.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace p2p::testing {
namespace {

void append_le(Bytes& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

// POLLHUP and POLLERR count as ready: the call that follows says what happened.
bool wait_ready(int fd, short events, const Deadline& deadline) {
  pollfd watched{fd, events, 0};
  while (true) {
    int ready = poll(&watched, 1, deadline.left_ms());
    if (ready > 0) return true;
    if (ready == 0 && deadline.passed()) return false;
  }
}

int connect_to(const addrinfo& address, const Deadline& deadline) {
  int fd = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  int result = connect(fd, address.ai_addr, address.ai_addrlen);
  if (result != 0 && errno == EINPROGRESS) {
    errno = ETIMEDOUT;
    if (wait_ready(fd, POLLOUT, deadline)) {
      socklen_t length = sizeof errno;
      getsockopt(fd, SOL_SOCKET, SO_ERROR, &errno, &length);
      result = errno == 0 ? 0 : -1;
    }
  }
  if (result == 0) return fd;
  int why = errno;
  close(fd);
  errno = why;
  return -1;
}

}  // namespace

Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  int high = -1;
  for (char c : hex) {
    if (c == ' ' || c == '\n') continue;
    size_t digit = std::string_view("0123456789abcdef").find(c);
    if (digit == std::string_view::npos)
      throw std::invalid_argument("not hex: " + std::string(hex));
    if (high < 0) {
      high = static_cast<int>(digit);
    } else {
      bytes.push_back(static_cast<uint8_t>(high * 16 + static_cast<int>(digit)));
      high = -1;
    }
  }
  if (high >= 0) throw std::invalid_argument("half a byte: " + std::string(hex));
  return bytes;
}

Bytes frame(uint8_t type, std::span<const uint8_t> body) {
  Bytes bytes;
  append_le(bytes, 1 + body.size(), 4);
  bytes.push_back(type);
  bytes.insert(bytes.end(), body.begin(), body.end());
  return bytes;
}

Bytes hello(const HelloFields& fields) {
  Bytes trailer;
  for (char c : std::string_view("P2PX")) trailer.push_back(static_cast<uint8_t>(c));
  append_le(trailer, 1, 1);
  append_le(trailer, fields.capabilities, 2);
  append_le(trailer, fields.piece_size_log2, 1);
  append_le(trailer, fields.nonce, 8);
  uint8_t check = 0;
  for (uint8_t byte : trailer) check ^= byte;
  trailer.push_back(check);
  Bytes body = fields.records;
  body.insert(body.end(), trailer.begin(), trailer.end());
  return frame(2, body);
}

RawPeer::RawPeer(const std::string& endpoint, milliseconds timeout) {
  size_t colon = endpoint.rfind(':');
  if (colon == std::string::npos) throw std::invalid_argument("not HOST:PORT: " + endpoint);
  std::string host = endpoint.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (int error = getaddrinfo(host.c_str(), endpoint.c_str() + colon + 1, &hints, &found);
      error != 0) {
    throw std::invalid_argument(endpoint + ": " + gai_strerror(error));
  }
  fd_ = connect_to(*found, Deadline(timeout));
  int why = errno;
  freeaddrinfo(found);
  if (fd_ < 0) throw std::runtime_error("no connection to " + endpoint + ": " + std::strerror(why));
}

RawPeer::~RawPeer() {
  if (fd_ >= 0) close(fd_);
}

RawPeer::RawPeer(RawPeer&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), unread_(std::move(other.unread_)) {}

RawPeer& RawPeer::operator=(RawPeer&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(unread_, other.unread_);
  return *this;
}

bool RawPeer::send(std::span<const uint8_t> bytes, milliseconds timeout) {
  Deadline deadline(timeout);
  while (!bytes.empty()) {
    ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes = bytes.subspan(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!wait_ready(fd_, POLLOUT, deadline)) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

bool RawPeer::receive_some(const Deadline& deadline) {
  uint8_t bytes[65536];
  while (true) {
    ssize_t got = recv(fd_, bytes, sizeof bytes, 0);
    if (got > 0) {
      unread_.insert(unread_.end(), bytes, bytes + got);
      return true;
    }
    if (got < 0 && errno == EINTR) continue;
    if (got == 0 || errno != EAGAIN) return false;
    if (!wait_ready(fd_, POLLIN, deadline)) return false;
  }
}

std::optional<RawFrame> RawPeer::read_frame(milliseconds timeout) {
  Deadline deadline(timeout);
  while (true) {
    if (unread_.size() >= 5) {
      size_t length = unread_[0] | size_t{unread_[1]} << 8 | size_t{unread_[2]} << 16 |
                      size_t{unread_[3]} << 24;
      if (length > 0 && unread_.size() >= 4 + length) {
        auto body = unread_.begin() + 5;
        auto end = unread_.begin() + 4 + static_cast<std::ptrdiff_t>(length);
        RawFrame result{unread_[4], Bytes(body, end)};
        unread_.erase(unread_.begin(), end);
        return result;
      }
    }
    if (!receive_some(deadline)) return std::nullopt;
  }
}

bool RawPeer::wait_closed(milliseconds timeout) {
  Deadline deadline(timeout);
  while (receive_some(deadline)) unread_.clear();
  return !deadline.passed();
}

PortHolder::PortHolder(uint16_t port) {
  fd_ = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  address.sin6_port = htons(port);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (fd_ < 0 || bind(fd_, generic, length) != 0 || listen(fd_, 1) != 0 ||
      getsockname(fd_, generic, &length) != 0) {
    throw std::runtime_error(std::string("cannot hold a port: ") + std::strerror(errno));
  }
  port_ = ntohs(address.sin6_port);
}

PortHolder::~PortHolder() {
  if (fd_ >= 0) close(fd_);
}

uint16_t unused_port() { return PortHolder().port(); }

}  // namespace p2p::testing
