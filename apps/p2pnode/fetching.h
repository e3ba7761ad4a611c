// One content on its way into a node: begins it, watches it, and decides when it is over.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/common/talk.h"
#include "apps/p2pnode/failure.h"
#include "apps/p2pnode/get_report.h"
#include "apps/p2pnode/node.h"
#include "apps/p2pnode/options.h"
#include "apps/p2pnode/patience.h"
#include "apps/p2pnode/progress.h"
#include "engine/core/event.h"
#include "engine/core/notice.h"
#include "io_linux/store/piece_store.h"
#include "io_linux/store/target.h"

namespace p2p::app {

inline constexpr FetchId kGetFetch{1};

struct FetchResult {
  std::optional<Failure> failure;  // nullopt: the content is whole
  uint64_t length = 0;             // bytes
  bool directory = false;          // the content is that of one
  std::string inline_bytes;        // of a content that its root carries
};

// Thread rule: the node's thread. All that it is given outlives it.
class Fetching {
 public:
  // `target`: where its data goes; null: into the piece store.
  Fetching(const GetOptions& options, GetReport& report, Node& node, io_linux::PieceStore& pieces,
           io_linux::Target* target);

  // Called when the content is whole, in place of shutting the node down.
  void on_whole(std::function<void(const FetchResult&)> callback) { whole_ = std::move(callback); }
  // Requires that the node was started.
  void begin();
  // For Node::on_notice.
  void take(const Notice& notice);
  // When the node has shut down.
  FetchResult result() const;

 private:
  void on(const FetchProgress& progress);
  void on(const ContentShape& shape);
  void on(const ContentComplete& content);
  void on(const ContentInvalid& invalid);
  void on(const StoreFailed& failed);
  void on(const PeerIdentified& peer);
  void on(const HoldersSought& sought);
  template <class Other>
  void on(const Other&) {}

  // Of a part of a directory: first the header of its listing, then the listing, then the part.
  enum class Stage { header, listing, wanted };
  // Goes on to the next stage; false: it was the last, or failed.
  bool begin_next_stage(const ContentComplete& content);
  void fetch_ranges(Stage stage, std::vector<ByteRange> ranges);

  void tick();
  // Whether the holders have been looked for, as far as there is anybody to ask.
  bool has_looked(Time now) const;
  void show_progress(Time now);
  void fail(ExitCode code, std::string sentence);
  std::string disk_sentence() const;
  std::string timeout_sentence() const;
  std::string waiting_sentence(Time now) const;
  // "; 312 of 1,024 MiB are in PATH.part, and the same command goes on from there", or "".
  std::string what_is_kept() const;
  std::string asked_hosts() const;

  const GetOptions& options_;
  GetReport& report_;
  Talk& talk_;
  Node& node_;
  io_linux::PieceStore& pieces_;
  io_linux::Target* target_;
  RateMeter rate_;
  std::optional<Patience> patience_;
  FetchProgress progress_;
  Stage stage_ = Stage::wanted;
  bool complete_ = false;
  bool can_look_ = false;  // somebody was met who can be asked for holders
  uint64_t looks_ = 0;     // that are over
  FetchResult result_;
  std::function<void(const FetchResult&)> whole_;
};

}  // namespace p2p::app
