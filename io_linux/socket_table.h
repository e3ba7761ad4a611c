// The connections of a world: dials, accepted sockets, and whose turn it is to move bytes.
//
// Readiness is edge-triggered: the kernel says once that a socket became readable or writable, and
// the table remembers it until the socket says EAGAIN, so that a change of interest between reading
// and writing costs no system call. A connection without any interest is not in the epoll set.
//
// Ready connections stand in a ring and take turns of at most `turn_bytes` each.
//
// Thread rule: the loop's thread. The epoll descriptor and the buffers' policy outlive the table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

#include "engine/base/endpoint.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/core/event.h"
#include "io_linux/engine_view.h"
#include "io_linux/fd.h"
#include "io_linux/socket_buffers.h"

namespace p2p::io_linux {

class SocketTable {
 public:
  SocketTable(int epoll, SocketBuffers& buffers, size_t turn_bytes);

  // The actions of the engine. Those for connections that are gone do nothing.
  void dial(ConnId conn, const Endpoint& to);
  void set_interest(ConnId conn, bool read, bool write);
  void shutdown_write(ConnId conn);
  void close(ConnId conn);

  void adopt(ConnId conn, Fd accepted);
  // The kernel's news of the connection whose value() was the data of an epoll event.
  void ready(uint64_t conn, uint32_t epoll_events);

  // Connections that may have a turn.
  size_t waiting_turns() const { return ring_.size(); }
  // Gives turns, at most `turns` of them, until one brings an event about.
  std::optional<Event> take_turns(EngineView& engine, size_t& turns);

  size_t size() const { return connections_.size(); }
  // nullopt: it is gone, or not open.
  std::optional<Duration> round_trip(ConnId conn) const;
  // Descriptors closed so far: who starves for one tries again when this grows.
  uint64_t descriptors_closed() const { return descriptors_closed_; }

 private:
  enum class Phase : uint8_t {
    connecting,  // waits for the kernel's word
    open,
    broken,  // its end has been said; only close() is left
  };
  struct Connection {
    Fd fd;
    Phase phase = Phase::open;
    std::optional<NetError> error;        // found out of turn, said in the next one
    std::optional<NetError> write_error;  // said when all that had come is read
    bool want_read = false;
    bool want_write = false;
    bool readable = false;  // not known to be empty
    bool writable = true;   // not known to be full
    bool hung_up = false;   // the end is in sight: a short read does not mean that nothing is left
    bool read_ended = false;
    bool watched = false;
    bool in_ring = false;
    bool write_next = false;

    bool can_read() const { return want_read && readable && !read_ended; }
    bool can_write() const { return want_write && writable && !write_error; }
  };
  using Table =
      std::unordered_map<uint64_t, Connection>;  // by ConnId::value(); never iterated over

  Connection* find(ConnId conn);
  Connection& insert(ConnId conn, Connection connection);
  void erase(ConnId conn);
  bool watch(ConnId conn, Connection& connection, uint32_t epoll_events);
  void unwatch(Connection& connection);
  void join_ring(ConnId conn, Connection& connection);
  void join_ring_if_ready(ConnId conn, Connection& connection);
  bool begin_dial(const Endpoint& to, Connection& connection);

  std::optional<Event> turn(EngineView& engine, ConnId conn, Connection& connection);
  Event finish_dial(ConnId conn, Connection& connection);
  std::optional<Event> read_turn(EngineView& engine, ConnId conn, Connection& connection);
  std::optional<Event> write_turn(EngineView& engine, ConnId conn, Connection& connection);
  std::optional<Event> write_failed(ConnId conn, Connection& connection, NetError why);
  Event broken(ConnId conn, Connection& connection, NetError why);

  int epoll_;
  SocketBuffers& buffers_;
  size_t turn_bytes_;
  Table connections_;
  std::deque<ConnId> ring_;
  uint64_t descriptors_closed_ = 0;
};

}  // namespace p2p::io_linux
