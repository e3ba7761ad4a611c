#include "io_linux/socket_table.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "engine/base/check.h"
#include "io_linux/socket.h"
#include "io_linux/transfer.h"

namespace p2p::io_linux {
namespace {

constexpr uint32_t kFailed = EPOLLHUP | EPOLLERR;
constexpr uint32_t kOpenEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP;

ConnId conn_id_of(uint64_t value) {
  const uint64_t serial = value >> 1;
  return (value & 1) != 0 ? ConnId::accepted(serial) : ConnId::dialled(serial);
}

}  // namespace

SocketTable::SocketTable(int epoll, SocketBuffers& buffers, size_t turn_bytes)
    : epoll_(epoll), buffers_(buffers), turn_bytes_(turn_bytes) {}

void SocketTable::dial(ConnId conn, const Endpoint& to) {
  Connection connection;
  connection.phase = Phase::connecting;
  const bool begun = begin_dial(to, connection);
  if (!begun) connection.error = to_net_error(errno);
  Connection& inserted = insert(conn, std::move(connection));
  if (begun && !watch(conn, inserted, EPOLLOUT)) inserted.error = NetError::other;
  if (inserted.error) join_ring(conn, inserted);
}

// False: errno says why.
bool SocketTable::begin_dial(const Endpoint& to, Connection& connection) {
  NewSocket socket = make_tcp_socket();
  if (!socket.fd) return false;
  const auto address = to_socket_address(to, socket.family);
  if (!address) {
    errno = EAFNOSUPPORT;
    return false;
  }
  buffers_.apply(socket.fd.get());
  set_no_delay(socket.fd.get());
  connection.fd = std::move(socket.fd);
  // Success at once is told by epoll too.
  return ::connect(connection.fd.get(), address->get(), address->length) == 0 ||
         errno == EINPROGRESS;
}

void SocketTable::adopt(ConnId conn, Fd accepted) {
  Connection connection;
  connection.fd = std::move(accepted);
  insert(conn, std::move(connection));
}

void SocketTable::set_interest(ConnId conn, bool read, bool write) {
  Connection* connection = find(conn);
  if (connection == nullptr || connection->phase == Phase::broken) return;
  P2P_CHECK(connection->phase == Phase::open);
  connection->want_read = read;
  connection->want_write = write;
  if (!read && !write) {
    unwatch(*connection);
    return;
  }
  // The kernel tells a newly watched socket's state at once: what is readable comes as an edge.
  if (!connection->watched && !watch(conn, *connection, kOpenEvents)) {
    connection->error = NetError::other;
    join_ring(conn, *connection);
    return;
  }
  join_ring_if_ready(conn, *connection);
}

void SocketTable::shutdown_write(ConnId conn) {
  Connection* connection = find(conn);
  if (connection == nullptr || connection->phase != Phase::open) return;
  // Refused when the connection has been reset, which reading will say.
  ::shutdown(connection->fd.get(), SHUT_WR);
}

void SocketTable::close(ConnId conn) {
  if (find(conn) != nullptr) erase(conn);
}

void SocketTable::ready(uint64_t conn, uint32_t epoll_events) {
  const auto found = connections_.find(conn);
  if (found == connections_.end()) return;  // closed since the kernel said so
  Connection& connection = found->second;
  const ConnId id = conn_id_of(conn);
  if (connection.phase == Phase::connecting) {
    join_ring(id, connection);
    return;
  }
  if ((epoll_events & (EPOLLIN | EPOLLRDHUP | kFailed)) != 0) connection.readable = true;
  if ((epoll_events & (EPOLLOUT | kFailed)) != 0) connection.writable = true;
  if ((epoll_events & (EPOLLRDHUP | kFailed)) != 0) connection.hung_up = true;
  join_ring_if_ready(id, connection);
}

std::optional<Event> SocketTable::take_turns(EngineView& engine, size_t& turns) {
  while (turns > 0 && !ring_.empty()) {
    --turns;
    const ConnId conn = ring_.front();
    ring_.pop_front();
    Connection* connection = find(conn);
    if (connection == nullptr) continue;
    connection->in_ring = false;
    if (auto event = turn(engine, conn, *connection)) return event;
  }
  return std::nullopt;
}

std::optional<Event> SocketTable::turn(EngineView& engine, ConnId conn, Connection& connection) {
  if (connection.phase == Phase::connecting) return finish_dial(conn, connection);
  if (connection.phase == Phase::broken) return std::nullopt;
  if (connection.error) return broken(conn, connection, *connection.error);
  const bool writes = connection.can_write() && (connection.write_next || !connection.can_read());
  if (!writes && !connection.can_read()) return std::nullopt;
  connection.write_next = !writes;
  auto event = writes ? write_turn(engine, conn, connection) : read_turn(engine, conn, connection);
  join_ring_if_ready(conn, connection);
  return event;
}

std::optional<Event> SocketTable::read_turn(EngineView& engine, ConnId conn,
                                            Connection& connection) {
  const Transfer read = receive_some(connection.fd.get(), engine.receive_window(conn), turn_bytes_);
  if (read.blocked && !(connection.hung_up && read.bytes > 0)) connection.readable = false;
  if (read.bytes > 0) return Received{conn, read.bytes};
  if (connection.write_error) return broken(conn, connection, *connection.write_error);
  if (!read.error) return std::nullopt;
  if (*read.error != NetError::end_of_stream) return broken(conn, connection, *read.error);
  // The peer will say no more, but may still listen: writing goes on.
  connection.read_ended = true;
  return Closed{conn, NetError::end_of_stream};
}

std::optional<Event> SocketTable::write_turn(EngineView& engine, ConnId conn,
                                             Connection& connection) {
  const Transfer sent = send_some(connection.fd.get(), engine.send_window(conn), turn_bytes_);
  if (sent.blocked) connection.writable = false;
  // An error after some bytes shows again in the next turn.
  if (sent.bytes > 0) return Sent{conn, sent.bytes};
  if (!sent.error) return std::nullopt;
  return write_failed(conn, connection, *sent.error);
}

// After a reset nothing more comes, and what had come still lies in the kernel: it is read first.
std::optional<Event> SocketTable::write_failed(ConnId conn, Connection& connection, NetError why) {
  const bool reads = connection.want_read && !connection.read_ended;
  if (why != NetError::reset || !reads) return broken(conn, connection, why);
  connection.write_error = why;
  connection.readable = true;
  connection.hung_up = true;
  return std::nullopt;
}

Event SocketTable::broken(ConnId conn, Connection& connection, NetError why) {
  connection.phase = Phase::broken;
  unwatch(connection);
  return Closed{conn, why};
}

Event SocketTable::finish_dial(ConnId conn, Connection& connection) {
  auto error = connection.error;
  std::optional<Endpoint> local;
  if (!error) {
    if (const int number = socket_error(connection.fd.get()); number != 0) {
      error = to_net_error(number);
    } else {
      local = local_endpoint(connection.fd.get());
      const auto remote = remote_endpoint(connection.fd.get());
      if (!local || !remote) error = NetError::reset;
      // A dial of a port that nobody listens on may pick that very port for its own end, and TCP
      // joins the socket to itself (simultaneous open, RFC 9293, 3.5).
      if (local == remote) error = NetError::refused;
    }
  }
  if (error) {
    erase(conn);
    return ConnectFailed{conn, *error};
  }
  connection.phase = Phase::open;
  unwatch(connection);
  return Connected{conn, *local};
}

SocketTable::Connection* SocketTable::find(ConnId conn) {
  const auto found = connections_.find(conn.value());
  return found == connections_.end() ? nullptr : &found->second;
}

SocketTable::Connection& SocketTable::insert(ConnId conn, Connection connection) {
  const auto [place, is_new] = connections_.emplace(conn.value(), std::move(connection));
  P2P_CHECK(is_new);
  return place->second;
}

void SocketTable::erase(ConnId conn) {
  connections_.erase(conn.value());
  ++descriptors_closed_;
}

bool SocketTable::watch(ConnId conn, Connection& connection, uint32_t epoll_events) {
  epoll_event event{};
  event.events = epoll_events | EPOLLET;
  event.data.u64 = conn.value();
  connection.watched = ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd.get(), &event) == 0;
  return connection.watched;
}

void SocketTable::unwatch(Connection& connection) {
  if (!connection.watched) return;
  connection.watched = false;
  P2P_CHECK(::epoll_ctl(epoll_, EPOLL_CTL_DEL, connection.fd.get(), nullptr) == 0);
}

void SocketTable::join_ring(ConnId conn, Connection& connection) {
  if (connection.in_ring) return;
  connection.in_ring = true;
  ring_.push_back(conn);
}

void SocketTable::join_ring_if_ready(ConnId conn, Connection& connection) {
  if (connection.phase != Phase::open) return;
  if (connection.can_read() || connection.can_write()) join_ring(conn, connection);
}

std::optional<Duration> SocketTable::round_trip(ConnId conn) const {
  const auto found = connections_.find(conn.value());
  if (found == connections_.end() || found->second.phase != Phase::open) return std::nullopt;
  return round_trip_of(found->second.fd.get());
}

}  // namespace p2p::io_linux
