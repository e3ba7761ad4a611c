// Answers those who ask on a node's control socket, from the node's own loop.
//
// A client sends one line and gets one line, then the connection is closed; what lines mean is the
// application's. No client holds the node up, or costs it more than this: its line is bounded, so
// are their number and the time that each may take, and an answer goes out as the client takes it.
// Clients beyond the number wait in the kernel's queue. Only the node's user and root are answered.
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
  size_t line_max = 4096;                     // bytes, without the newline
  size_t clients_max = 16;                    // at a time
  Duration deadline = Duration::seconds(10);  // of a client, from its coming to its going
};

class ControlServer {
 public:
  // The answer to a line, both without newlines. Called in wait(); may look at the engine.
  using Answer = std::function<std::string(std::string_view line)>;

  // `world` outlives the server.
  ControlServer(EpollWorld& world, std::unique_ptr<ControlSocket> socket, Answer answer,
                ControlLimits limits = {});
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  size_t clients() const { return clients_.size(); }

 private:
  struct Client {
    Fd fd;
    Time ends;
    std::string line;    // as far as it has come
    std::string answer;  // not empty: it is being sent
    size_t sent = 0;
  };

  void accept_some();
  void admit(Fd fd);
  void read(uint64_t id);
  void write(uint64_t id);
  void begin_answer(uint64_t id, std::string_view line);
  void drop(uint64_t id);
  void tick();
  void listen_or_pause(bool wanted);
  void tick_or_rest();

  EpollWorld& world_;
  std::unique_ptr<ControlSocket> socket_;
  Answer answer_;
  ControlLimits limits_;
  std::map<uint64_t, Client> clients_;
  uint64_t last_client_ = 0;
  bool listening_ = false;                      // the listening socket is watched
  bool starved_ = false;                        // no descriptor was left for a client
  std::optional<EpollWorld::TimerId> ticking_;  // while there is something to wait for
};

}  // namespace p2p::io_linux
