// A double of the original program (olincollege/p2p-networking), written from docs/protocol.md,
// "What the original does, as measured", for real nodes to be tested against. One thread, blocking
// dials, and the original's ways to die: a frame of a wrong length and a short write abort it, a
// write to a connection that the other side closed kills it with SIGPIPE.
//
// It departs from the original where a test needs it: it dials records of loopback addresses alone,
// so that no test talks to another machine, and it says aloud what no original may be sent.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <list>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/legacy/legacy_wire.h"

namespace p2p::legacy {

inline constexpr int kExitStopped = 0;      // by SIGTERM or SIGINT
inline constexpr int kExitNoBootstrap = 1;  // a bootstrap node was not there, or no socket
inline constexpr int kExitUsage = 2;
inline constexpr int kExitWrongLength = 3;  // the original's abort at a frame of a wrong length
inline constexpr int kExitShortWrite = 4;   // its abort at a write that went out only in part

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  std::string text;
};

struct Options {
  uint16_t listen_port = 0;  // on [::1]; 0: any
  std::vector<SocketAddress> bootstrap;
  size_t piece_size = 131072;  // bytes
  std::set<uint32_t> have;
  std::set<uint32_t> want;
  uint64_t seed = 1;
  int hurry = 1;             // every wait is divided by it
  std::FILE* log = nullptr;  // may be null; not owned
};

class LegacyDouble {
 public:
  explicit LegacyDouble(Options options);
  ~LegacyDouble();
  LegacyDouble(const LegacyDouble&) = delete;
  LegacyDouble& operator=(const LegacyDouble&) = delete;

  // Runs until a signal; returns the exit status. Aborts end the process from within, with the
  // statuses above.
  int run();

 private:
  using Clock = std::chrono::steady_clock;

  struct Connection {
    int fd = -1;
    bool dialled = false;
    bool closed_by_peer = false;  // a dialled one stays, and the next write to it is the last
    bool said_hello = false;  // one of ours is at the other end: it may not send asks in a burst
    std::string remote;
    Bytes unread;
    Clock::time_point next_burst{};
  };

  bool listen_on_loopback();
  bool watch_signals();
  void accept_all();
  bool dial(const sockaddr* address, socklen_t length, const std::string& text);
  void read_from(Connection& connection);
  void handle_frames(Connection& connection);
  void handle_frame(Connection& connection, uint8_t type, std::span<const uint8_t> body);
  void on_ask(Connection& connection, std::span<const uint8_t> body);
  void on_give(std::span<const uint8_t> body);
  void on_peer_list(std::span<const uint8_t> body);
  void send_burst(Connection& connection);
  void write_frame(Connection& connection, const Bytes& frame);
  void say_if_done();
  void summarise() const;

  [[noreturn]] void abort_with(int status, const std::string& why);
  void log(const std::string& line);
  Clock::duration draw_wait(int min_ms, int max_ms);
  Clock::time_point earliest_burst() const;
  uint64_t draw();

  Options options_;
  uint64_t random_state_;
  Clock::time_point start_ = Clock::now();
  int listener_ = -1;
  int signals_ = -1;
  uint16_t port_ = 0;
  std::list<Connection> connections_;
  std::set<uint16_t> ports_;       // its own and those it dialled with success: what it hands on
  std::map<Hash, uint32_t> have_;  // hash to the piece's number
  std::map<Hash, uint32_t> want_;
  bool done_said_ = false;
  uint64_t got_ = 0, given_ = 0, not_held_ = 0, lists_ = 0, surplus_ = 0, violations_ = 0;
};

}  // namespace p2p::legacy
