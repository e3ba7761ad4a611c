// The gets that a running node does for commands (GetErrand): each is a fetch of its own beside the
// others, into a file that the command has opened and gives its name, or lays a directory out from.
// Once that is done, the command says so (SavedErrand), and the node lists the content and goes on
// serving it from its place.
//
// Thread rule: the loop's thread. What reads a whole file, or waits for the disk, is done on a
// thread of each get.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/p2pnode/errand.h"
#include "apps/p2pnode/local_store.h"
#include "apps/p2pnode/loop_queue.h"
#include "apps/p2pnode/node.h"
#include "io_linux/control_server.h"
#include "io_linux/store/node_store.h"
#include "io_linux/store/source_pieces.h"

namespace p2p::app {

// What a get works with; all outlives it.
struct GetPlace {
  Node& node;
  LocalStore& local;
  io_linux::SourcePieces& sources;
  io_linux::NodeStore& store;
  const CommonOptions& options;
  LoopQueue& loop;
  // The store or the sources hold pieces that the engine may not know of; hold these no more.
  std::function<void()> announce;
  std::function<void(std::vector<Digest> gone)> forget;
};

class Gettings {
 public:
  // Each holds one of ControlLimits::clients_max for as long as it takes, and two while a directory
  // is listed.
  static constexpr size_t kGetsMax = 4;

  explicit Gettings(GetPlace place);
  // Calls off what is under way, and waits for it.
  ~Gettings();
  Gettings(const Gettings&) = delete;
  Gettings& operator=(const Gettings&) = delete;

  // Why it is declined, as a sentence; nullopt: the client hears of it.
  std::optional<std::string> take(const GetErrand& errand, io_linux::ControlQuestion question);
  std::optional<std::string> take(const SavedErrand& errand, io_linux::ControlQuestion question);
  // A client who waited has gone.
  void call_off(io_linux::ControlClientId client);

  // Pieces that are held in the files of gets under way, ascending, each once.
  std::vector<Digest> held() const;

 private:
  class Getting;

  void hear(const Notice& notice);
  // Not at once: the get itself may have called.
  void remove(const Getting* getting);

  GetPlace place_;
  uint64_t next_fetch_;
  std::vector<std::shared_ptr<Getting>> gets_;
};

}  // namespace p2p::app
