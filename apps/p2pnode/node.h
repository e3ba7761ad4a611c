// A node for as long as a command runs: the Linux world, an engine in it, and what both say, turned
// into talk.
//
//   Interruption interruption;
//   Node node(options, talk, interruption, store);
//   if (auto failure = node.listen()) ...
//   node.start(store.held());
//   node.engine_command(FetchContent{...});
//   node.run();                              // until shut_down(), or a signal
//
// Thread rule: one thread; callbacks run in run(), on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/common/interruption.h"
#include "apps/common/talk.h"
#include "apps/p2pnode/failure.h"
#include "apps/p2pnode/options.h"
#include "engine/core/engine.h"
#include "engine/core/limits.h"
#include "io_linux/control_server.h"
#include "io_linux/control_socket.h"
#include "io_linux/epoll_world.h"
#include "io_linux/store/book_file.h"
#include "io_linux/store/store.h"

namespace p2p::app {

// The limits of a node with so many descriptors. `server`: a bootstrap node, whom thousands may
// stay connected with.
Limits limits_for(bool server, uint64_t descriptors);
// How many connections these limits allow at a time.
uint64_t connections_max(const Limits& limits);

class Node {
 public:
  // `talk`, `interruption`, `store` and `book` outlive the node. No `book`: it remembers nobody.
  Node(const CommonOptions& options, Talk& talk, Interruption& interruption, io_linux::Store& store,
       const io_linux::BookFile* book);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Called with each notice, after it was said.
  void on_notice(std::function<void(const Notice&)> callback) { notice_ = std::move(callback); }

  // Who takes the errands that come by way of the control socket (errand.h), and hears of clients
  // who wait no more; without, they are declined.
  void on_errand(io_linux::ControlServer::Answer take, io_linux::ControlServer::Gone gone) {
    take_errand_ = std::move(take);
    errand_gone_ = std::move(gone);
  }
  // Null before start(), and where another node has the socket.
  io_linux::ControlServer* control() { return control_ ? &*control_ : nullptr; }

  // Lets others of this user look into the node, once it has started (io_linux/control_server.h):
  // with `p2pnode peers`, `status` and `why`. Before listen(), so that whoever reads that it
  // listens may ask. Says it where that can't be; the node goes on without, and takes over from
  // another node of the folder that has ended.
  void let_look(const std::string& data_dir);
  // Listens, and says so on standard output where `announce`.
  std::optional<Failure> listen(bool announce);
  // Requires listen(). Makes the engine, which knows these pieces to be in the store, and the peers
  // of the last run.
  void start(std::vector<Digest> held);
  // Requires start(). Events of the application: FetchContent, AddPeer, PieceAdded ...
  void post(Event event) { world_.post(std::move(event)); }
  // Requires start(). Returns when the node has shut down.
  void run();
  // Begins to close everything in order; run() returns at the end of it. Once is enough.
  void shut_down();
  bool stopping() const { return stopping_; }

  io_linux::EpollWorld& world() { return world_; }
  const Endpoint& listening() const { return listening_; }
  PieceSize piece_size() const { return config_.piece_size; }

  uint64_t peers() const { return peers_; }  // identified and connected
  uint64_t bytes_received() const;           // over connections now open
  // Whether one of them is connected, as far as can be told from its address.
  bool is_connected_with(const std::vector<HostPort>& peers) const;
  // Whether somebody is connected who can be asked for holders of a content.
  bool can_look() const;
  // Whether a piece of that content is asked of somebody, or on its way.
  bool asks_for(const Digest& root) const;
  uint64_t payload_sent() const { return engine_->totals().payload_sent; }
  size_t connections() const { return world_.connections(); }

 private:
  void handle(const Notice& notice);
  void count(const Notice& notice);
  Started with_book(Started started);
  void say_news(std::string_view sentence);
  void serve_control();
  void take_over_control();
  std::optional<std::string> answer(io_linux::ControlQuestion question) const;
  std::string look(std::string_view question) const;

  Talk& talk_;
  Interruption& interruption_;
  const io_linux::BookFile* book_;
  io_linux::EpollWorld world_;
  Config config_;
  Endpoint to_listen_;
  Endpoint listening_;
  std::unique_ptr<Engine> engine_;
  std::function<void(const Notice&)> notice_;
  LineBudget news_{6, Duration::minutes(1)};
  io_linux::ControlServer::Answer take_errand_;
  io_linux::ControlServer::Gone errand_gone_;
  uint64_t peers_ = 0;
  bool stopping_ = false;
  Time started_;
  std::string waits_for_control_of_;  // the data folder, where another node has the socket
  std::optional<io_linux::EpollWorld::TimerId> control_timer_;
  std::unique_ptr<io_linux::ControlSocket> control_socket_;  // until the server has it
  std::optional<io_linux::ControlServer> control_;
};

}  // namespace p2p::app
