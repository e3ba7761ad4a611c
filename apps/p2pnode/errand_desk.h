// Where a running node takes errands (errand.h): from commands by way of its control socket, and
// from `share`, which is the node itself. One after the other, on a thread of its own, so that
// nothing is added while garbage is collected; what they change, the engine is told. A get, which
// may take hours, is under way beside them (getting.h).
//
// Thread rule: the loop's thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "apps/p2pnode/errand.h"
#include "apps/p2pnode/errand_words.h"
#include "apps/p2pnode/getting.h"
#include "apps/p2pnode/local_store.h"
#include "apps/p2pnode/loop_queue.h"
#include "apps/p2pnode/node.h"
#include "apps/p2pnode/reporter.h"
#include "io_linux/control_server.h"
#include "io_linux/store/import.h"
#include "io_linux/store/node_store.h"
#include "io_linux/store/source_pieces.h"

namespace p2p::app {

class ErrandDesk {
 public:
  static constexpr size_t kErrandsMax = 8;  // of clients, waiting or under way

  // Hears what an errand says; EndWord is the last. Called on the loop's thread.
  using Hear = std::function<void(const ErrandWord& word)>;

  // All outlive the desk. Requires that the node was not started yet. `stays`: the node outlives
  // the command that asks, so that it can share in its stead.
  ErrandDesk(Node& node, LocalStore& local, io_linux::SourcePieces& sources,
             io_linux::NodeStore& store, const CommonOptions& options, bool stays);
  // Calls off what is under way, and waits for it.
  ~ErrandDesk();
  ErrandDesk(const ErrandDesk&) = delete;
  ErrandDesk& operator=(const ErrandDesk&) = delete;

  // What the node holds: for Node::start.
  std::vector<Digest> held() const;

  // The command's own. `what`: the path as its user wrote it.
  void add(const AddErrand& errand, const std::string& what, Hear hear);

 private:
  class Job;

  std::optional<std::string> take(io_linux::ControlQuestion question);
  std::optional<std::string> why_declined(const Errand& errand) const;
  void tell(io_linux::ControlClientId client, const ErrandWord& word);
  void call_off(io_linux::ControlClientId client);
  void begin(std::shared_ptr<Job> job);
  void work();
  std::shared_ptr<Job> next();

  // On the worker's thread. Each returns what is to be done on the loop's.
  using Then = std::function<void()>;
  Then carry_out(Job& job);
  Then carry_out(Job& job, const RemoveErrand& errand);
  Then carry_out(Job& job, const CollectErrand& errand);
  Then carry_out(Job& job, const VerifyErrand& errand);
  Then carry_out(Job& job, const AddErrand& errand);
  Then carry_out(Job& job, const CacheErrand& errand);
  // Those of gets come to no job.
  Then carry_out(Job&, const GetErrand&) { return {}; }
  Then carry_out(Job&, const SavedErrand&) { return {}; }

  Then gone_from_store(std::vector<Digest> gone);

  // What follows, on the loop's.
  void added(Job& job, const AddErrand& errand, const io_linux::Imported& imported);
  void stop_serving(const Digest& id);
  void announce_new_pieces();
  void forget(std::vector<Digest> gone);
  void mend(const io_linux::ContentRecord& record, Job& job);

  Node& node_;
  LocalStore& local_;
  io_linux::SourcePieces& sources_;
  const CommonOptions& options_;
  const bool stays_;
  const std::string data_dir_;
  std::vector<Digest> announced_;  // ascending
  std::map<io_linux::ControlClientId, std::shared_ptr<Job>> of_clients_;
  uint64_t next_mending_;
  LoopQueue loop_;
  Gettings gets_;

  std::mutex mutex_;  // all below
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Job>> jobs_;
  std::shared_ptr<Job> current_;
  bool stopping_ = false;

  std::thread thread_;  // the last member: it uses the others
};

}  // namespace p2p::app
