#include "apps/p2pnode/get_errand.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "apps/p2pnode/asking.h"
#include "apps/p2pnode/errand.h"
#include "apps/p2pnode/errand_words.h"
#include "apps/p2pnode/get_words.h"
#include "apps/p2pnode/local_store.h"
#include "apps/p2pnode/recording.h"
#include "apps/p2pnode/saving.h"
#include "io_linux/clock.h"
#include "io_linux/control_client.h"
#include "io_linux/control_server.h"
#include "io_linux/control_socket.h"
#include "io_linux/store/file_io.h"
#include "io_linux/store/target.h"

namespace p2p::app {
namespace {

using io_linux::ControlErrandReply;
using io_linux::Target;

// What the node has said of the get.
class GetListener {
 public:
  GetListener(GetReport& report, std::string part_path)
      : report_(report), part_path_(std::move(part_path)) {}

  void hear(std::string_view line) {
    if (const auto word = parse_get_word(line)) {
      understood_ = true;
      std::visit(*this, *word);
    } else if (const auto other = parse_word(line)) {
      understood_ = true;
      std::visit(*this, *other);
    }
  }
  void operator()(const ResumedWord& word) { report_.resumed(word.here, word.total, part_path_); }
  void operator()(const FetchedWord& word) {
    view_ = word.view;
    report_.progress(io_linux::clock_now(), view_);
  }
  void operator()(const WholeWord& word) { whole_ = word; }
  void operator()(const FailedWord& word) { failure_ = word.failure; }
  void operator()(const SayWord& word) { report_.say(word.importance, word.sentence); }
  void operator()(const ProgressWord& word) {
    looking_ = !word.line.empty();
    Talk& talk = report_.talk();
    if (talk.terminal()) talk.set_status(word.line.substr(0, talk.columns() - 1));
  }
  void operator()(const DeclineWord& word) { declined_ = word.why; }
  void operator()(const EndWord& word) { ended_ = word.code; }
  void operator()(const PrintWord&) {}

  bool understood() const { return understood_; }
  const std::optional<WholeWord>& whole() const { return whole_; }
  const std::optional<Failure>& failure() const { return failure_; }
  const std::optional<std::string>& declined() const { return declined_; }
  const std::optional<ExitCode>& ended() const { return ended_; }
  bool looking() const { return looking_; }
  std::string kept() const {
    if (view_.done == 0 || view_.total == 0) return {};
    return kept_text(view_.done, view_.total, part_path_);
  }

 private:
  GetReport& report_;
  const std::string part_path_;
  ProgressView view_;
  bool understood_ = false;
  bool looking_ = false;
  std::optional<WholeWord> whole_;
  std::optional<Failure> failure_;
  std::optional<std::string> declined_;
  std::optional<ExitCode> ended_;
};

// The node may write to the file for a moment after nobody waits for it. Its lock says how long.
void wait_until_let_go(const std::string& part_path) {
  constexpr int kLookAgainMs = 5;
  const Time until = io_linux::clock_now() + Duration::seconds(5);
  while (io_linux::clock_now() < until) {
    const auto file = io_linux::open_locked(part_path, O_RDWR | O_NONBLOCK, 0);
    if (file.error_number != EWOULDBLOCK) return;
    ::poll(nullptr, 0, kLookAgainMs);
  }
}

// Gets by way of the node, once.
class NodeGet {
 public:
  NodeGet(const std::string& path, const GetOptions& options, GetReport& report,
          Interruption& interruption)
      : path_(path),
        absolute_(absolute_path(path)),
        options_(options),
        data_dir_(data_dir_of(options.common)),
        report_(report),
        interruption_(interruption) {}

  std::optional<ExitCode> run() {
    if (!is_for_node()) return std::nullopt;
    auto opened = Target::open(path_, options_.common.piece_size.value_or(PieceSize()));
    if (!opened.target) return report_.failed(file_failure(opened.error));
    target_ = std::move(opened.target);
    GetListener listener(report_, target_->part_path());
    const auto reply = ask(GetErrand{options_.ticket.id, absolute_, path_, target_->piece_size(),
                                     options_.timeout, ticket_peers(), true, options_.paths},
                           target_->fd(), listener);
    report_.talk().set_status("");
    if (!reply) return std::nullopt;
    return outcome(*reply, listener);
  }

 private:
  // Who says how the node is to be wants one of their own; so does who has it end with the get.
  bool is_for_node() const {
    if (options_.names_network || options_.serves()) return false;
    struct stat there {};
    return !data_dir_.empty() && ::stat(io_linux::control_path(data_dir_).c_str(), &there) == 0;
  }

  std::vector<HostPort> ticket_peers() const {
    std::vector<HostPort> peers = options_.ticket.peers;
    peers.resize(std::min(peers.size(), kTicketPeersMax));
    return peers;
  }

  // nullopt: the paths are too long for it.
  std::optional<ControlErrandReply> ask(const Errand& errand, int descriptor,
                                        GetListener& listener) {
    io_linux::ControlErrand call;
    call.line = errand_line(errand);
    if (call.line.size() > io_linux::ControlLimits().line_max) return std::nullopt;
    call.descriptor = descriptor;
    call.timeout = kNodePatience;
    call.on_line = [&](std::string_view line) {
      listener.hear(line);
      // The node keeps what it has of a directory as long as the line is open.
      if (!laid_out_ && listener.whole() && listener.whole()->directory) {
        laid_out_ = lay_out(listener.whole()->length);
      }
      return !laid_out_;
    };
    call.stop = interruption_.fd();
    auto reply = io_linux::send_errand(data_dir_, call);
    // A signal that nobody has looked at kills the program at its end.
    if (reply.stopped) static_cast<void>(interruption_.requested());
    return reply;
  }

  std::optional<ExitCode> outcome(const ControlErrandReply& reply, const GetListener& listener) {
    if (laid_out_) return say_laid_out();
    if (listener.whole()) return save(listener.whole()->length);
    if (reply.stopped) return interrupted(listener);
    if (listener.failure()) return failed(*listener.failure());
    if (listener.declined()) {
      report_.say(Importance::detail, "done without the running node: " + *listener.declined());
    } else if (listener.understood()) {
      const std::string kept = listener.kept();
      return failed(
          {ExitCode::interrupted, "the node on " + data_dir_ + " ended before this was done" +
                                      (kept.empty() ? "; run the same command again" : kept)});
    }
    let_go();
    return std::nullopt;
  }

  ExitCode interrupted(const GetListener& listener) {
    return failed({ExitCode::interrupted, listener.looking()
                                              ? "interrupted; nothing was fetched yet"
                                              : "interrupted" + listener.kept()});
  }

  ExitCode failed(const Failure& failure) {
    const std::string part_path = target_->part_path();
    let_go();
    static_cast<void>(remove_useless(part_path, failure));
    return report_.failed(failure);
  }

  void let_go() {
    const std::string part_path = target_->part_path();
    target_.reset();
    wait_until_let_go(part_path);
  }

  ExitCode save(uint64_t length) {
    Saved saved;
    if (const auto error = target_->finish(length, options_.force)) {
      saved.failure = file_failure(*error);
    } else {
      saved.what.bytes = length;
      saved.not_listed = list();
    }
    return say_outcome(path_, saved, report_);
  }

  Saved lay_out(uint64_t length) {
    std::atomic<bool> cancelled{false};
    Saved saved = save_tree(options_, *target_, length,
                            watch_for_signals(interruption_, report_.talk(), cancelled));
    if (saved.failure && saved.failure->code == ExitCode::corrupt) {
      // So the node sees that there is no directory to wait for.
      static_cast<void>(::ftruncate(target_->fd(), 0));
    }
    // A part is no content.
    if (!saved.failure && options_.paths.empty()) saved.not_listed = list();
    return saved;
  }

  ExitCode say_laid_out() {
    let_go();
    return say_outcome(path_, *laid_out_, report_);
  }

  // Has the node list it and serve it from its place. What stands there is whole either way.
  std::optional<Failure> list() {
    const auto file = io_linux::open_file(path_, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    if (!file.fd) return file_failure(io_linux::file_error("open", path_, file.error_number));
    GetListener listener(report_, target_->part_path());
    const auto reply = ask(SavedErrand{options_.ticket.id, absolute_}, file.fd.get(), listener);
    if (listener.failure()) return listener.failure();
    // Nobody waits for it; the node goes on.
    if (reply && reply->stopped) return std::nullopt;
    if (listener.ended() == ExitCode::done) return std::nullopt;
    const std::string why = listener.declined() ? *listener.declined() : "it has ended";
    return Failure{ExitCode::failure, "the node on " + data_dir_ + " does not list " + path_ +
                                          ": " + why + "; p2pnode add " + path_ + " does it"};
  }

  const std::string path_;
  const std::string absolute_;
  const GetOptions& options_;
  const std::string data_dir_;
  GetReport& report_;
  Interruption& interruption_;
  std::shared_ptr<Target> target_;
  std::optional<Saved> laid_out_;  // of a directory
};

}  // namespace

std::optional<ExitCode> get_through_node(const std::string& path, const GetOptions& options,
                                         GetReport& report, Interruption& interruption) {
  return NodeGet(path, options, report, interruption).run();
}

}  // namespace p2p::app
