#include "tests/bench/idle/guests.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>

#include "engine/wire/encoder.h"

namespace p2p::bench {

namespace {

double now_s() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since).count();
}

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("cannot ") + what + ": " + std::strerror(errno));
}

sockaddr_in at(uint32_t address, uint16_t port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(address);
  name.sin_port = htons(port);
  return name;
}

// 127.1.0.1 and up.
uint32_t address_of(size_t index) {
  return 0x7f010000U + static_cast<uint32_t>(index / 250 * 256 + index % 250 + 1);
}

std::vector<std::byte> hello_of(size_t index) {
  const uint32_t address = address_of(index);
  HelloTrailer trailer;
  trailer.capabilities |= HelloTrailer::kListening;
  trailer.piece_size_log2 = PieceSize().log2();
  trailer.nonce = index + 1;
  PeerMessage message;
  message.records.push_back(
      {Address::v4(127, static_cast<uint8_t>(address >> 16), static_cast<uint8_t>(address >> 8),
                   static_cast<uint8_t>(address)),
       8100});
  const auto bytes = trailer.encode();
  message.trailing.assign(bytes.begin(), bytes.end());
  std::vector<std::byte> frame;
  append_frame(frame, message);
  return frame;
}

void send_all(int fd, const std::vector<std::byte>& bytes) {
  const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  require(sent == static_cast<ssize_t>(bytes.size()), "send");
}

}  // namespace

Guests::Guests(uint16_t port, size_t count) : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  require(epoll_ >= 0, "make an epoll descriptor");
  guests_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    connect_one(i, port);
    if (i % 100 == 99) read_some(0);
  }
  keep_alive_at_ = now_s() + 25;
}

Guests::~Guests() {
  for (const Guest& guest : guests_) close(guest.fd);
  close(epoll_);
}

void Guests::connect_one(size_t index, uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(fd >= 0, "make a socket");
  guests_[index].fd = fd;
  const sockaddr_in from = at(address_of(index), 0);
  const sockaddr_in to = at(INADDR_LOOPBACK, port);
  require(bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0, "bind");
  require(connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0, "connect");
  require(fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "set a socket's flags");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = index;
  require(epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0, "watch a socket");
  send_all(fd, hello_of(index));
}

void Guests::read_some(int timeout_ms) {
  std::array<epoll_event, 256> events;
  const int count = epoll_wait(epoll_, events.data(), events.size(), timeout_ms);
  for (int i = 0; i < count; ++i) {
    read_all_of(guests_[events[static_cast<size_t>(i)].data.u64]);
  }
}

void Guests::read_all_of(Guest& guest) {
  std::array<std::byte, 16384> dropped;
  for (;;) {
    const ssize_t got = recv(guest.fd, dropped.data(), dropped.size(), 0);
    if (got > 0) {
      greeted_ += guest.greeted ? 0 : 1;
      guest.greeted = true;
      continue;
    }
    if (got == 0 || errno != EAGAIN) {
      ++lost_;
      epoll_ctl(epoll_, EPOLL_CTL_DEL, guest.fd, nullptr);
    }
    return;
  }
}

void Guests::keep_alive() {
  std::vector<std::byte> frame;
  append_frame(frame, PeerMessage{});
  for (const Guest& guest : guests_) {
    static_cast<void>(send(guest.fd, frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  }
}

void Guests::stay_for(double seconds) {
  const double until = now_s() + seconds;
  while (now_s() < until) {
    if (now_s() >= keep_alive_at_) {
      keep_alive();
      keep_alive_at_ = now_s() + 25;
    }
    const double next = std::min(until, keep_alive_at_);
    read_some(std::max(0, static_cast<int>((next - now_s()) * 1000)) + 1);
  }
}

}  // namespace p2p::bench
