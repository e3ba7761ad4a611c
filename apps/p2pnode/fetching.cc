#include "apps/p2pnode/fetching.h"

#include <memory>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "apps/common/counts.h"
#include "apps/p2pnode/notice_text.h"
#include "apps/p2pnode/part_of_tree.h"
#include "engine/base/quantity.h"

namespace p2p::app {
namespace {

constexpr Duration kTick = Duration::milliseconds(200);

// By when the first look-up is over, whoever doesn't answer it.
constexpr Duration kLookedBy = Duration::seconds(40);

}  // namespace

Fetching::Fetching(const GetOptions& options, FetchReport& report, Node& node,
                   io_linux::PieceStore& pieces, io_linux::Target* target, FetchId fetch)
    : options_(options),
      report_(report),
      node_(node),
      pieces_(pieces),
      target_(target),
      fetch_(fetch) {
  if (target_ == nullptr) window_.emplace(node.piece_size(), fetch);
}

Fetching::~Fetching() {
  if (timer_) node_.world().remove_timer(*timer_);
}

void Fetching::begin() {
  patience_.emplace(node_.world().now(), options_.timeout);
  if (window_) {
    fetch_ahead();
  } else if (options_.paths.empty()) {
    fetch_ranges(Stage::wanted, {});
  } else {
    fetch_ranges(Stage::header, listing_header_range());
  }
  // Of a node that has run for a while, some are connected already.
  can_look_ = node_.can_look();
  peers_met_ = node_.peers();
  all_received_ = node_.bytes_received();
  timer_ = node_.world().add_timer(kTick, [this] { tick(); });
}

void Fetching::take(const Notice& notice) {
  std::visit([this](const auto& specific) { on(specific); }, notice);
}

FetchResult Fetching::result() const {
  if (complete_ || result_.failure) return result_;
  FetchResult interrupted = result_;
  interrupted.failure = Failure{ExitCode::interrupted, "interrupted" + what_is_kept()};
  return interrupted;
}

void Fetching::on(const FetchProgress& progress) {
  if (window_) {
    window_->on(progress);
    take_window();
  } else if (progress.fetch == fetch_) {
    progress_ = progress;
  }
}

bool Fetching::is_its_own(FetchId fetch) const {
  return window_ ? window_->is_its_own(fetch) : fetch == fetch_;
}

void Fetching::on(const ContentShape& shape) {
  if (!is_its_own(shape.fetch) || result_.failure) return;
  if (window_ && progress_.total_known) return;  // of another fetch of the same
  if (shape.directory && directory_) return directory_();
  if (shape.directory && target_ == nullptr) {
    fail(ExitCode::usage,
         "this id names a directory, which standard output can't take; name a target with -o PATH");
    return;
  }
  if (!shape.directory && !options_.paths.empty()) {
    fail(ExitCode::usage, "this id names a file; --path chooses from directories");
    return;
  }
  result_.directory = shape.directory;
  if (window_) {
    window_->learn_length(shape.length);
    result_.length = shape.length;
    take_window();
    if (length_) length_(shape.length);
    fetch_ahead();
  }
  if (target_ != nullptr && target_->reserve(shape.length) != StoreStatus::ok) {
    fail(ExitCode::disk,
         "there is no room for " + size_text(shape.length) + ": " + target_->last_error().text);
  }
}

void Fetching::on(const ContentComplete& content) {
  if (!is_its_own(content.fetch)) return;
  if (window_) return on_range(content);
  if (result_.failure) return;
  if (stage_ == Stage::wanted) return complete(content);
  if (!node_.stopping()) end_stage(content);  // it would go on
}

void Fetching::complete(const ContentComplete& content) {
  complete_ = true;
  result_.length = content.length;
  result_.inline_bytes = content.inline_bytes;
  if (whole_) return whole_(result_);
  node_.shut_down();
}

void Fetching::on_range(const ContentComplete& content) {
  if (result_.failure) return;
  window_->on(content);
  take_window();
  fetch_ahead();
  if (!window_->whole()) return;
  complete_ = true;
  if (whole_) whole_(result_);
}

void Fetching::fetch_ranges(Stage stage, std::vector<ByteRange> ranges) {
  stage_ = stage;
  node_.post(FetchContent{fetch_, options_.ticket.id, target_ != nullptr, std::move(ranges)});
}

void Fetching::fetch_ahead() {
  if (node_.stopping()) return;
  while (const auto ask = window_->next()) fetch(*ask);
}

void Fetching::fetch(const StreamWindow::Ask& ask) {
  node_.post(FetchContent{ask.fetch, options_.ticket.id, false, {ask.range}});
}

void Fetching::take_window() {
  progress_ = {fetch_, result_.length, window_->done(), true};
  result_.held = progress_.bytes_done;
  if (more_) more_();
}

void Fetching::read_to(uint64_t position) {
  window_->read_to(position);
  fetch_ahead();
}

void Fetching::lost(const Digest& digest, uint64_t position) {
  if (node_.stopping()) return;
  const auto ask = window_->again(position);
  if (!ask) return;
  complete_ = false;
  node_.post(PieceRemoved{digest});
  fetch(*ask);
}

void Fetching::end_stage(const ContentComplete& content) {
  const auto inline_bytes = std::as_bytes(std::span(content.inline_bytes));
  if (!inline_bytes.empty() && target_->write_inline(inline_bytes) != StoreStatus::ok) {
    return fail(ExitCode::disk, target_->last_error().text);
  }
  const Stage next = stage_ == Stage::header ? Stage::listing : Stage::wanted;
  const auto ranges = std::make_shared<Ranges>();
  const auto look = [this, ranges, next, length = content.length] {
    *ranges = next == Stage::listing
                  ? listing_range(target_->fd(), length)
                  : chosen_ranges(target_->fd(), length, node_.piece_size(), options_.paths);
  };
  const auto go_on = [this, ranges, next, content] {
    begin_stage(next, std::move(*ranges), content);
  };
  if (long_work_) return long_work_(look, go_on);
  look();
  go_on();
}

void Fetching::begin_stage(Stage stage, Ranges ranges, const ContentComplete& content) {
  if (result_.failure) return;
  if (auto* failure = std::get_if<Failure>(&ranges)) {
    return fail(failure->code, std::move(failure->sentence));
  }
  auto& wanted = std::get<std::vector<ByteRange>>(ranges);
  if (wanted.empty()) return complete(content);  // empty files and folders alone
  fetch_ranges(stage, std::move(wanted));
}

void Fetching::on(const ContentInvalid& invalid) {
  if (!is_its_own(invalid.fetch)) return;
  fail(ExitCode::corrupt, "the id names no content: " + invalid.why);
}

void Fetching::on(const StoreFailed& failed) {
  // It may be another's of this node.
  const bool others =
      target_ != nullptr && target_->last_error().text.empty() && pieces_.last_error().text.empty();
  if (fetch_ != kGetFetch && others) return;
  // A piece that is gone is fetched again.
  if (failed.status != StoreStatus::not_held) {
    fail(ExitCode::disk, disk_sentence() + what_is_kept());
  }
}

void Fetching::on(const PeerIdentified& peer) {
  ++peers_met_;
  can_look_ = can_look_ || !peer.legacy;
}

void Fetching::on(const HoldersSought& sought) {
  if (sought.root != options_.ticket.id) return;
  ++looks_;
  result_.holders = sought.holders;
}

bool Fetching::has_looked(Time now) const {
  return !can_look_ || looks_ > 0 || patience_->waited(now) >= *options_.timeout + kLookedBy;
}

void Fetching::tick() {
  const Time now = node_.world().now();
  if (node_.stopping() || complete_) return;
  // Nothing is to come while the reader has enough to read.
  if (window_ && window_->idle()) patience_.emplace(now, options_.timeout);
  patience_->look(now, progress_.bytes_done, count_received());
  show_progress(now);
  if (patience_->exhausted(now) && has_looked(now)) {
    fail(peers_met_ == 0 ? ExitCode::no_peer : ExitCode::not_found, timeout_sentence());
  } else if (patience_->due_to_say(now)) {
    report_.say(Importance::info, waiting_sentence(now));
  }
}

// A node that gets several at once receives for the others too: of a content that nobody was asked
// for, nothing has come.
uint64_t Fetching::count_received() {
  const uint64_t all = node_.bytes_received();
  const bool may_be_its = fetch_ == kGetFetch || node_.asks_for(options_.ticket.id);
  if (may_be_its && all > all_received_) received_ += all - all_received_;
  all_received_ = all;
  return received_;
}

void Fetching::show_progress(Time now) {
  if (!report_.wants_progress()) return;
  if (stage_ == Stage::wanted) rate_.sample(now, progress_.bytes_done);
  ProgressView view;
  view.done = progress_.bytes_done;
  view.bytes_per_second = rate_.bytes_per_second();
  view.peers = node_.peers();
  if (progress_.total_known && stage_ == Stage::wanted) {
    // All pieces but the last are of the same size.
    const uint64_t piece_bytes = node_.piece_size().bytes();
    view.total = progress_.bytes_total;
    view.pieces = (view.total + piece_bytes - 1) / piece_bytes;
    view.pieces_checked = (view.done + piece_bytes - 1) / piece_bytes;
  }
  report_.progress(now, view);
}

void Fetching::fail(ExitCode code, std::string sentence) {
  if (result_.failure || complete_) return;
  result_.failure = Failure{code, std::move(sentence)};
  if (failed_) return failed_(result_);
  node_.shut_down();
}

std::string Fetching::disk_sentence() const {
  if (target_ != nullptr && !target_->last_error().text.empty()) return target_->last_error().text;
  const std::string text = pieces_.last_error().text;
  return text.empty() ? store_status_text(StoreStatus::io_error) : text;
}

std::string Fetching::timeout_sentence() const {
  const std::string time = duration_text(*options_.timeout);
  if (peers_met_ == 0) {
    return "no peer could be reached within " + time + ", asked: " + asked_hosts() +
           "; see that a node runs there (p2pnode -S), or name another with --bootstrap HOST";
  }
  if (progress_.total_known) return "nothing has come for " + time + what_is_kept();
  const std::string whom =
      peers_met_ == 1
          ? "the one peer that was reached doesn't have this content"
          : "none of the " + grouped(peers_met_) + " peers that were reached has this content";
  return whom + ", and nothing has come for " + time +
         "; check the id, and see that whoever shares it is connected";
}

std::string Fetching::waiting_sentence(Time now) const {
  const std::string waited = duration_text(Duration::seconds(patience_->waited(now).count_s()));
  if (node_.peers() == 0) {
    return "still waiting after " + waited + ": no peer is connected, asked: " + asked_hosts();
  }
  const std::string peers = counted(node_.peers(), "peer is", "peers are") + " connected";
  if (progress_.total_known) {
    return "still waiting after " + waited + ": " + peers + ", none gives what is missing (" +
           part_of(progress_.bytes_done, progress_.bytes_total) + " are here)";
  }
  return "still waiting after " + waited + ": " + peers + ", none has this content yet";
}

std::string Fetching::what_is_kept() const {
  // What the cache keeps is known at the end only.
  if (target_ == nullptr || progress_.bytes_done == 0 || !progress_.total_known) return {};
  return kept_text(progress_.bytes_done, progress_.bytes_total, target_->part_path());
}

std::string Fetching::asked_hosts() const {
  const std::vector<HostPort> hosts = options_.common.bootstrap_hosts();
  if (hosts.empty()) return "nobody";
  std::string text;
  constexpr size_t kNamed = 4;
  for (size_t i = 0; i < hosts.size() && i < kNamed; ++i) {
    text += (i == 0 ? "" : ", ") + hosts[i].text();
  }
  if (hosts.size() > kNamed) text += " and " + std::to_string(hosts.size() - kNamed) + " more";
  return text;
}

}  // namespace p2p::app
