#include "io_linux/control_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "io_linux/descriptor_message.h"

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
                             Answer answer, ControlLimits limits, Gone gone)
    : world_(world),
      socket_(std::move(socket)),
      answer_(std::move(answer)),
      gone_(std::move(gone)),
      limits_(limits) {
  P2P_CHECK(socket_ != nullptr && limits_.clients_max > 0 && limits_.line_max > 0);
  listen_or_pause(true);
}

ControlServer::~ControlServer() {
  gone_ = {};
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
  const bool limited = std::any_of(clients_.begin(), clients_.end(), [](const auto& entry) {
    return entry.second.ends < Time::never();
  });
  const bool wanted = limited || starved_;
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
  const ControlClientId id = ++last_client_;
  Client client;
  client.fd = std::move(fd);
  client.ends = world_.now() + limits_.deadline;
  clients_.emplace(id, std::move(client));
  if (!watch(id, EpollWorld::WatchFor::readable)) clients_.erase(id);
}

bool ControlServer::watch(ControlClientId id, EpollWorld::WatchFor what) {
  const int descriptor = clients_.at(id).fd.get();
  world_.remove_watch(descriptor);
  const auto act = [this, id, what] {
    switch (what) {
      case EpollWorld::WatchFor::readable:
        return read(id);
      case EpollWorld::WatchFor::writable:
        return write(id);
      case EpollWorld::WatchFor::its_end:
        return drop(id);
    }
  };
  return world_.add_watch(descriptor, act, what);
}

void ControlServer::drop(ControlClientId id) {
  const auto found = clients_.find(id);
  const bool waited = found->second.waits;
  world_.remove_watch(found->second.fd.get());
  clients_.erase(found);
  if (!starved_) listen_or_pause(true);
  tick_or_rest();
  if (waited && gone_) gone_(id);
}

// One read at a time: others have their turn.
void ControlServer::read(ControlClientId id) {
  Client& client = clients_.at(id);
  std::array<char, 4096> bytes;
  const size_t room = limits_.line_max + 1 - client.line.size();
  const ssize_t count = receive_with_descriptor(
      client.fd.get(), std::span(bytes).first(std::min(bytes.size(), room)), client.descriptor);
  if (count < 0 && is_passing(errno)) return;
  if (count <= 0) return drop(id);
  client.line.append(bytes.data(), static_cast<size_t>(count));
  const size_t end = client.line.find('\n');
  if (end != std::string::npos) return answer(id, end);
  if (client.line.size() > limits_.line_max) drop(id);
}

void ControlServer::answer(ControlClientId id, size_t line_bytes) {
  Client& client = clients_.at(id);
  const std::string line = client.line.substr(0, line_bytes);
  client.waits = true;
  client.ends = Time::never();
  // May call finish() at once.
  const auto line_back = answer_({id, line, std::move(client.descriptor)});
  if (line_back) return finish(id, *line_back);
  const auto found = clients_.find(id);
  if (found != clients_.end() && found->second.waits && found->second.out.empty()) {
    wait_for_its_end(id);
  }
}

void ControlServer::wait_for_its_end(ControlClientId id) {
  if (!watch(id, EpollWorld::WatchFor::its_end)) drop(id);
}

void ControlServer::tell(ControlClientId id, std::string_view line) {
  const auto found = clients_.find(id);
  if (found != clients_.end() && found->second.waits) send(id, line);
}

void ControlServer::tell_news(ControlClientId id, std::string_view line) {
  const auto found = clients_.find(id);
  if (found != clients_.end() && found->second.out.empty()) tell(id, line);
}

void ControlServer::finish(ControlClientId id, std::string_view line) {
  const auto found = clients_.find(id);
  if (found == clients_.end() || !found->second.waits) return;
  found->second.waits = false;
  found->second.ends = world_.now() + limits_.deadline;
  tick_or_rest();
  send(id, line);
}

void ControlServer::send(ControlClientId id, std::string_view line) {
  Client& client = clients_.at(id);
  // An answer is as long as it is; what is told piece by piece waits for its reader.
  if (client.waits && client.out.size() - client.sent + line.size() > limits_.unread_max) {
    return drop(id);
  }
  const bool was_idle = client.out.empty();
  client.out.append(line).append(1, '\n');
  if (was_idle && !watch(id, EpollWorld::WatchFor::writable)) drop(id);
}

void ControlServer::write(ControlClientId id) {
  Client& client = clients_.at(id);
  const std::string_view left = std::string_view(client.out).substr(client.sent);
  const ssize_t count =
      ::send(client.fd.get(), left.data(), left.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count < 0 && is_passing(errno)) return;
  if (count < 0) return drop(id);
  client.sent += static_cast<size_t>(count);
  if (client.sent < client.out.size()) return;
  if (!client.waits) return drop(id);
  client.out.clear();
  client.sent = 0;
  wait_for_its_end(id);
}

}  // namespace p2p::io_linux
