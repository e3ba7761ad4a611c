#include "apps/p2pnode/serving.h"

#include <sys/eventfd.h>

#include <atomic>
#include <cmath>
#include <mutex>
#include <thread>
#include <utility>

#include "apps/common/counts.h"
#include "engine/base/quantity.h"
#include "io_linux/fd.h"

namespace p2p::app {
namespace {

constexpr Duration kServeTick = Duration::milliseconds(200);

// "for 10 min", "until 3 MiB were sent", "for 10 min, or until 3 MiB were sent".
std::string how_long(const ServeUntil& until) {
  std::string text;
  if (until.passed) text = "for " + duration_text(*until.passed);
  if (until.sent) {
    text += (text.empty() ? "until " : ", or until ") + size_text(*until.sent) + " were sent";
  }
  return text;
}

}  // namespace

// Saves on a thread of its own.
class Serving::Saver {
 public:
  explicit Saver(Save save) : ready_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    thread_ = std::thread([this, save = std::move(save)] { work(save); });
  }
  ~Saver() { finish(); }
  Saver(const Saver&) = delete;
  Saver& operator=(const Saver&) = delete;

  int fd() const { return ready_.get(); }
  // nullopt: it is at work yet, or was taken already.
  std::optional<Saved> take() {
    eventfd_t count = 0;
    static_cast<void>(eventfd_read(ready_.get(), &count));
    const std::lock_guard lock(mutex_);
    return std::exchange(saved_, std::nullopt);
  }
  std::string doing() const {
    const std::lock_guard lock(mutex_);
    return doing_;
  }
  // Waits; take() has the result then, unless it was taken.
  void finish() {
    cancelled_ = true;
    if (thread_.joinable()) thread_.join();
  }

 private:
  void work(const Save& save) {
    SaveWatch watch;
    watch.cancel = &cancelled_;
    watch.progress = [this](const std::string& doing) {
      if (doing.empty()) return;
      const std::lock_guard lock(mutex_);
      doing_ = doing;
    };
    Saved saved = save(watch);
    {
      const std::lock_guard lock(mutex_);
      saved_ = std::move(saved);
    }
    static_cast<void>(eventfd_write(ready_.get(), 1));
  }

  io_linux::Fd ready_;
  std::atomic<bool> cancelled_{false};
  mutable std::mutex mutex_;
  std::optional<Saved> saved_;
  std::string doing_;
  std::thread thread_;  // the last member: it uses the others
};

ServeUntil serve_until(const GetOptions& options, uint64_t length) {
  ServeUntil until{options.serve_for, std::nullopt};
  if (options.serve_ratio) {
    until.sent =
        static_cast<uint64_t>(std::ceil(*options.serve_ratio * static_cast<double>(length)));
  }
  return until;
}

Serving::Serving(const GetOptions& options, GetReport& report, Node& node, std::string path)
    : options_(options), report_(report), node_(node), path_(std::move(path)) {}

Serving::~Serving() = default;

void Serving::begin(uint64_t length, Save save) {
  until_ = serve_until(options_, length);
  saver_ = std::make_unique<Saver>(std::move(save));
  node_.world().add_watch(saver_->fd(), [this] {
    if (const auto saved = saver_->take()) take(*saved);
  });
  node_.world().add_timer(kServeTick, [this] { tick(); });
}

void Serving::take(const Saved& saved) {
  code_ = say_outcome(path_, saved, report_);
  if (saved.failure) return node_.shut_down();
  saved_at_ = node_.world().now();
  if (!until_.reached(Duration(), node_.payload_sent())) {
    report_.talk().say(Importance::info, "serving it " + how_long(until_));
  }
  tick();
}

void Serving::tick() {
  if (node_.stopping()) return;
  if (!saved_at_) {
    if (report_.talk().terminal()) report_.talk().set_status(saver_->doing());
    return;
  }
  const Duration served = node_.world().now() - *saved_at_;
  if (until_.reached(served, node_.payload_sent())) return node_.shut_down();
  if (report_.talk().terminal()) show(served);
}

// "serving: 12 MiB sent, 3 peers, 4 min left"
void Serving::show(Duration served) {
  std::string line = "serving: " + size_text(node_.payload_sent()) + " sent, " +
                     counted(node_.peers(), "peer", "peers");
  if (until_.passed) {
    line +=
        ", " + duration_text(Duration::seconds((*until_.passed - served).count_s() + 1)) + " left";
  }
  report_.talk().set_status(line.substr(0, report_.talk().columns() - 1));
}

std::optional<ExitCode> Serving::end() {
  if (!saver_) return std::nullopt;
  node_.world().remove_watch(saver_->fd());
  saver_->finish();
  report_.talk().set_status("");
  if (const auto saved = saver_->take()) code_ = say_outcome(path_, *saved, report_);
  if (saved_at_) {
    report_.talk().say(Importance::info,
                       "served: " + size_text(node_.payload_sent()) + " were sent");
  }
  saver_.reset();
  return code_;
}

}  // namespace p2p::app
