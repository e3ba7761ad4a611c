// One content on its way into a node: begins it, watches it, and decides when it is over. Into a
// file it comes as a whole, or the parts of it that are wanted; without one in order, as far ahead
// of its reader as StreamWindow says.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "apps/p2pnode/failure.h"
#include "apps/p2pnode/get_report.h"
#include "apps/p2pnode/node.h"
#include "apps/p2pnode/options.h"
#include "apps/p2pnode/patience.h"
#include "apps/p2pnode/progress.h"
#include "apps/p2pnode/stream_window.h"
#include "engine/core/event.h"
#include "engine/core/notice.h"
#include "io_linux/store/piece_store.h"
#include "io_linux/store/target.h"

namespace p2p::app {

inline constexpr FetchId kGetFetch{1};

struct FetchResult {
  std::optional<Failure> failure;  // nullopt: the content is whole
  uint64_t length = 0;             // bytes
  uint64_t held = 0;               // of those, bytes that are here
  uint64_t holders = 0;            // other nodes that were said to hold it, at the last look-up
  bool directory = false;          // the content is that of one
  std::string inline_bytes;        // of a content that its root carries
};

// Thread rule: the node's thread. All that it is given outlives it.
class Fetching {
 public:
  // `target`: where its data goes; null: into the piece store, in order.
  Fetching(const GetOptions& options, FetchReport& report, Node& node, io_linux::PieceStore& pieces,
           io_linux::Target* target, FetchId fetch = kGetFetch);
  ~Fetching();
  Fetching(const Fetching&) = delete;
  Fetching& operator=(const Fetching&) = delete;

  // Called when the content is whole, in place of shutting the node down. What comes in order may
  // be whole more than once, when pieces were lost.
  void on_whole(std::function<void(const FetchResult&)> callback) { whole_ = std::move(callback); }
  // Called when it has failed, in place of shutting the node down.
  void on_failed(std::function<void(const FetchResult&)> callback) {
    failed_ = std::move(callback);
  }
  // Called when the content turns out to be a directory, in place of fetching that.
  void on_directory(std::function<void()> callback) { directory_ = std::move(callback); }
  // Does what takes long, such as to read the listing of a directory, in place of this thread; what
  // follows is done on this one.
  using LongWork = std::function<void(std::function<void()> job, std::function<void()> then)>;
  void on_long_work(LongWork callback) { long_work_ = std::move(callback); }
  // Of what comes in order: called once with the length, before anything is to be read, and
  // whenever more is here.
  void on_length(std::function<void(uint64_t)> callback) { length_ = std::move(callback); }
  void on_more(std::function<void()> callback) { more_ = std::move(callback); }
  // Requires that the node was started.
  void begin();
  // For Node::on_notice.
  void take(const Notice& notice);
  // Of what comes in order: the reader has taken it up to there.
  void read_to(uint64_t position);
  // The same: this piece, of which the first byte stands there, was not found in the store.
  void lost(const Digest& digest, uint64_t position);
  void fail(ExitCode code, std::string sentence);
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
  void on_range(const ContentComplete& content);
  bool is_its_own(FetchId fetch) const;
  template <class Other>
  void on(const Other&) {}

  // Of a part of a directory: first the header of its listing, then the listing, then the part.
  enum class Stage { header, listing, wanted };
  // What this stage is for has come.
  void end_stage(const ContentComplete& content);
  using Ranges = std::variant<std::vector<ByteRange>, Failure>;
  void begin_stage(Stage stage, Ranges ranges, const ContentComplete& content);
  void complete(const ContentComplete& content);
  void fetch_ranges(Stage stage, std::vector<ByteRange> ranges);
  void fetch_ahead();
  void fetch(const StreamWindow::Ask& ask);
  void take_window();

  void tick();
  // Bytes that may be of it, since it began.
  uint64_t count_received();
  // Whether the holders have been looked for, as far as there is anybody to ask.
  bool has_looked(Time now) const;
  void show_progress(Time now);
  std::string disk_sentence() const;
  std::string timeout_sentence() const;
  std::string waiting_sentence(Time now) const;
  // kept_text(), or "".
  std::string what_is_kept() const;
  std::string asked_hosts() const;

  const GetOptions& options_;
  FetchReport& report_;
  Node& node_;
  io_linux::PieceStore& pieces_;
  io_linux::Target* target_;
  const FetchId fetch_;
  std::optional<io_linux::EpollWorld::TimerId> timer_;
  RateMeter rate_;
  std::optional<Patience> patience_;
  std::optional<StreamWindow> window_;  // of what comes in order
  FetchProgress progress_;
  Stage stage_ = Stage::wanted;
  bool complete_ = false;
  bool can_look_ = false;   // somebody was met who can be asked for holders
  uint64_t looks_ = 0;      // that are over
  uint64_t peers_met_ = 0;  // connected when it began, or since
  FetchResult result_;
  uint64_t received_ = 0;      // for it, as far as that can be told
  uint64_t all_received_ = 0;  // by the node
  std::function<void(const FetchResult&)> whole_;
  std::function<void(const FetchResult&)> failed_;
  std::function<void()> directory_;
  LongWork long_work_;
  std::function<void(uint64_t)> length_;
  std::function<void()> more_;
};

}  // namespace p2p::app
