// What get does with --serve-for and --serve-ratio when the content is whole: it is saved while the
// node goes on giving it, that is said at once, and then it is given for so long, or until so much
// of it was sent.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "apps/p2pnode/get_report.h"
#include "apps/p2pnode/node.h"
#include "apps/p2pnode/options.h"
#include "apps/p2pnode/saving.h"
#include "engine/base/time.h"

namespace p2p::app {

// When serving is over. Both may be set: whichever comes first.
struct ServeUntil {
  std::optional<Duration> passed;
  std::optional<uint64_t> sent;  // bytes of pieces

  bool reached(Duration served, uint64_t bytes_sent) const {
    return (passed && served >= *passed) || (sent && bytes_sent >= *sent);
  }
};
// Of a content of that length.
ServeUntil serve_until(const GetOptions& options, uint64_t length);

// Thread rule: the node's thread. All that it is given outlives it.
class Serving {
 public:
  // `save` runs once, on a thread of its own; when the watch says that it is cancelled, it soon
  // ends.
  using Save = std::function<Saved(const SaveWatch& watch)>;
  Serving(const GetOptions& options, GetReport& report, Node& node, std::string path);
  ~Serving();

  // The content is whole, of that length: saves it, says so, and serves it. Once.
  void begin(uint64_t length, Save save);
  // When the node has shut down. nullopt: nothing was to be saved. Waits for the thread, which is
  // told to end.
  std::optional<ExitCode> end();

 private:
  class Saver;
  void take(const Saved& saved);
  void tick();
  void show(Duration served);

  const GetOptions& options_;
  GetReport& report_;
  Node& node_;
  const std::string path_;
  ServeUntil until_;
  std::unique_ptr<Saver> saver_;
  std::optional<Time> saved_at_;
  std::optional<ExitCode> code_;
};

}  // namespace p2p::app
