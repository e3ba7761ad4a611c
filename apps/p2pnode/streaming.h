// get -o -: the content goes to standard output in order, as it comes, and stays in the store as a
// cached one. Ties the fetch (fetching.h) to the thread that writes (stream_writer.h).
//
// Thread rule: the node's thread. All that it is given outlives it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "apps/p2pnode/cache_work.h"
#include "apps/p2pnode/failure.h"
#include "apps/p2pnode/fetching.h"
#include "apps/p2pnode/get_report.h"
#include "apps/p2pnode/local_store.h"
#include "apps/p2pnode/loop_queue.h"
#include "apps/p2pnode/node.h"
#include "apps/p2pnode/options.h"
#include "apps/p2pnode/stream_writer.h"
#include "io_linux/store/store.h"

namespace p2p::app {

class Streaming {
 public:
  // Takes the calls of `fetching`. `store`: all that the node holds.
  Streaming(const GetOptions& options, GetReport& report, Node& node, Fetching& fetching,
            LocalStore& local, io_linux::Store& store);

  // When the node has shut down: what came of it. nullopt: all was written.
  std::optional<Failure> end();
  // Whether it has got as far as to know the content's length.
  bool has_begun() const { return writer_ != nullptr; }

 private:
  class LoopReporter;

  void begin(uint64_t length);
  std::optional<std::string> begin_record(uint64_t length);
  void tick();
  std::optional<Failure> failure_of(const StreamEnd& end, const FetchResult& fetched) const;

  const GetOptions& options_;
  GetReport& report_;
  Node& node_;
  Fetching& fetching_;
  LocalStore& local_;
  io_linux::Store& store_;
  CachedRecord record_;
  uint64_t written_ = 0;  // bytes
  LoopQueue loop_;
  std::unique_ptr<StreamWriter> writer_;  // the last member: its thread uses the others
};

}  // namespace p2p::app
