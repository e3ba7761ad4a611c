#include "io_linux/control_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace p2p::io_linux {
namespace {

// How late a deadline may be noticed, as a part of it.
constexpr int64_t kTicksInDeadline = 20;

bool may_ask(int fd) {
  ucred peer{};
  socklen_t length = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return false;
  return peer.uid == ::geteuid() || peer.uid == 0;
}

bool is_passing(int error_number) { return error_number == EAGAIN || error_number == EINTR; }

}  // namespace

ControlServer::ControlServer(EpollWorld& world, std::unique_ptr<ControlSocket> socket,
                             Answer answer, ControlLimits limits)
    : world_(world), socket_(std::move(socket)), answer_(std::move(answer)), limits_(limits) {
  P2P_CHECK(socket_ != nullptr && limits_.clients_max > 0 && limits_.line_max > 0);
  listen_or_pause(true);
}

ControlServer::~ControlServer() {
  while (!clients_.empty()) drop(clients_.begin()->first);
  listen_or_pause(false);
  if (ticking_) world_.remove_timer(*ticking_);
}

void ControlServer::listen_or_pause(bool wanted) {
  if (wanted == listening_) return;
  if (wanted) {
    wanted = world_.add_watch(socket_->fd(), [this] { accept_some(); });
  } else {
    world_.remove_watch(socket_->fd());
  }
  listening_ = wanted;
}

// A node that nobody asks does not wake for those who might.
void ControlServer::tick_or_rest() {
  const bool wanted = !clients_.empty() || starved_;
  if (wanted == ticking_.has_value()) return;
  if (wanted) {
    const Duration interval =
        std::max(Duration::milliseconds(1), limits_.deadline / kTicksInDeadline);
    ticking_ = world_.add_timer(interval, [this] { tick(); });
  } else {
    world_.remove_timer(*ticking_);
    ticking_.reset();
  }
}

void ControlServer::tick() {
  const Time now = world_.now();
  std::vector<uint64_t> over;
  for (const auto& [id, client] : clients_) {
    if (client.ends <= now) over.push_back(id);
  }
  for (const uint64_t id : over) drop(id);
  if (std::exchange(starved_, false)) listen_or_pause(clients_.size() < limits_.clients_max);
  tick_or_rest();
}

void ControlServer::accept_some() {
  while (clients_.size() < limits_.clients_max) {
    Fd fd(::accept4(socket_->fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) {
      if (errno == ECONNABORTED || errno == EINTR) continue;
      // What waits would keep the socket readable, and the loop awake.
      starved_ = errno != EAGAIN;
      break;
    }
    if (may_ask(fd.get())) admit(std::move(fd));
  }
  listen_or_pause(clients_.size() < limits_.clients_max && !starved_);
  tick_or_rest();
}

void ControlServer::admit(Fd fd) {
  const uint64_t id = ++last_client_;
  const int descriptor = fd.get();
  if (!world_.add_watch(descriptor, [this, id] { read(id); })) return;
  Client client;
  client.fd = std::move(fd);
  client.ends = world_.now() + limits_.deadline;
  clients_.emplace(id, std::move(client));
}

void ControlServer::drop(uint64_t id) {
  const auto found = clients_.find(id);
  world_.remove_watch(found->second.fd.get());
  clients_.erase(found);
  if (!starved_) listen_or_pause(true);
  tick_or_rest();
}

// One read at a time: others have their turn.
void ControlServer::read(uint64_t id) {
  Client& client = clients_.at(id);
  std::array<char, 4096> bytes;
  const size_t room = limits_.line_max + 1 - client.line.size();
  const ssize_t count =
      ::recv(client.fd.get(), bytes.data(), std::min(bytes.size(), room), MSG_DONTWAIT);
  if (count < 0 && is_passing(errno)) return;
  if (count <= 0) return drop(id);
  client.line.append(bytes.data(), static_cast<size_t>(count));
  const size_t end = client.line.find('\n');
  if (end != std::string::npos)
    return begin_answer(id, std::string_view(client.line).substr(0, end));
  if (client.line.size() > limits_.line_max) drop(id);
}

void ControlServer::begin_answer(uint64_t id, std::string_view line) {
  Client& client = clients_.at(id);
  client.answer = answer_(line) + "\n";
  const int descriptor = client.fd.get();
  world_.remove_watch(descriptor);
  const auto write_on = [this, id] { write(id); };
  if (!world_.add_watch(descriptor, write_on, EpollWorld::WatchFor::writable)) drop(id);
}

void ControlServer::write(uint64_t id) {
  Client& client = clients_.at(id);
  const std::string_view left = std::string_view(client.answer).substr(client.sent);
  const ssize_t count =
      ::send(client.fd.get(), left.data(), left.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count < 0 && is_passing(errno)) return;
  if (count < 0) return drop(id);
  client.sent += static_cast<size_t>(count);
  if (client.sent == client.answer.size()) drop(id);
}

}  // namespace p2p::io_linux
