// Answers those who ask on a node's control socket, from the node's own loop.
//
// A client sends one line, with a descriptor if it likes, and gets one line, or several over a
// while; then the connection is closed. What lines mean is the application's. No client holds the
// node up, or costs it more than this: its line is bounded, so are their number, what waits for
// them to read it, and the time that each may take for its own part. Clients beyond the number wait
// in the kernel's queue. Only the node's user and root are answered.
//
// Thread rule: the loop's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.h"
#include "io_linux/control_socket.h"
#include "io_linux/epoll_world.h"
#include "io_linux/fd.h"

namespace p2p::io_linux {

struct ControlLimits {
  size_t line_max = 16384;  // bytes, without the newline: two paths fit in, in hex
  size_t clients_max = 16;  // at a time
  size_t unread_max =
      1 << 20;  // bytes of news that a client has not read; who lets more wait is left
  // Of a client, from its coming to its question, and from the last line to its going.
  Duration deadline = Duration::seconds(10);
};

using ControlClientId = uint64_t;  // of one server; none is used twice

struct ControlQuestion {
  ControlClientId client;
  std::string_view line;  // without the newline
  Fd descriptor;          // that came with it, or none
};

class ControlServer {
 public:
  // The answer to a question, without a newline; nullopt: tell() and finish() will be called for
  // the client, later. Called in wait(); may look at the engine.
  using Answer = std::function<std::optional<std::string>(ControlQuestion question)>;
  // A client who waited for finish() has gone. Not called for those who got it.
  using Gone = std::function<void(ControlClientId client)>;

  // `world` outlives the server.
  ControlServer(EpollWorld& world, std::unique_ptr<ControlSocket> socket, Answer answer,
                ControlLimits limits = {}, Gone gone = {});
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  // A line for a client who waits; others are ignored. News is left out while the client has not
  // read what came before it.
  void tell(ControlClientId client, std::string_view line);
  void tell_news(ControlClientId client, std::string_view line);
  // The last line.
  void finish(ControlClientId client, std::string_view line);

  size_t clients() const { return clients_.size(); }

 private:
  struct Client {
    Fd fd;
    Time ends;
    std::string line;  // as far as it has come
    Fd descriptor;     // that came with it
    std::string out;   // what it has not read, from `sent` on
    size_t sent = 0;
    bool waits = false;  // for finish()
  };

  void accept_some();
  void admit(Fd fd);
  void read(ControlClientId id);
  void write(ControlClientId id);
  void answer(ControlClientId id, size_t line_bytes);
  void wait_for_its_end(ControlClientId id);
  void send(ControlClientId id, std::string_view line);
  bool watch(ControlClientId id, EpollWorld::WatchFor what);
  void drop(ControlClientId id);
  void tick();
  void listen_or_pause(bool wanted);
  void tick_or_rest();

  EpollWorld& world_;
  std::unique_ptr<ControlSocket> socket_;
  Answer answer_;
  Gone gone_;
  ControlLimits limits_;
  std::map<ControlClientId, Client> clients_;
  ControlClientId last_client_ = 0;
  bool listening_ = false;                      // the listening socket is watched
  bool starved_ = false;                        // no descriptor was left for a client
  std::optional<EpollWorld::TimerId> ticking_;  // while there is something to wait for
};

}  // namespace p2p::io_linux
