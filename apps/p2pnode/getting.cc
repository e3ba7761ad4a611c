#include "apps/p2pnode/getting.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <span>
#include <thread>
#include <utility>
#include <variant>

#include "apps/p2pnode/errand_words.h"
#include "apps/p2pnode/fetching.h"
#include "apps/p2pnode/get_record.h"
#include "apps/p2pnode/get_words.h"
#include "apps/p2pnode/recording.h"
#include "apps/p2pnode/saving.h"
#include "engine/base/quantity.h"
#include "engine/content/tree.h"
#include "io_linux/store/content_pieces.h"
#include "io_linux/store/content_source.h"
#include "io_linux/store/target.h"

namespace p2p::app {
namespace {

// Above those that mend (errand_desk.cc).
constexpr uint64_t kFirstOfGets = uint64_t{2} << 32;

// From when a command hears that its file is whole until it has given it its name.
constexpr Duration kNamedWithin = Duration::seconds(60);

// Whether both are open on one file.
bool same_file(int one, int other) {
  struct stat a {};
  struct stat b {};
  if (::fstat(one, &a) != 0 || ::fstat(other, &b) != 0) return false;
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Whether nobody can go on from this file: there is nothing in it, or it has no name any more.
bool is_over(int fd) {
  struct stat there {};
  return ::fstat(fd, &there) == 0 && (there.st_size == 0 || there.st_nlink == 0);
}

// Whether a directory was laid out from it: what is none is emptied.
bool is_laid_out(int fd) {
  struct stat there {};
  return ::fstat(fd, &there) == 0 && there.st_size > 0 && there.st_nlink == 0;
}

// Whether the root is held, and is that of a directory.
bool is_known_directory(io_linux::Store& nodes, const Digest& root, PieceSize piece_size) {
  const auto piece = nodes.load(root, true);
  if (piece.status != StoreStatus::ok) return false;
  const auto& bytes = std::get<Slice>(piece.bytes);
  const auto read = read_node(bytes.bytes(), piece_size, NodePlace{});
  const auto* const node = std::get_if<p2p::Node>(&read);
  return node != nullptr && node->kind == ContentKind::directory;
}

GetOptions options_of(const GetErrand& errand, const CommonOptions& node) {
  GetOptions options;
  options.common = node;
  options.ticket.id = errand.id;
  options.timeout = errand.timeout;
  options.paths = errand.paths;
  return options;
}

const char* const kIsDirectory = "it is a directory, which the command lays out itself";

bool is_directory(int fd) {
  struct stat there {};
  return ::fstat(fd, &there) == 0 && S_ISDIR(there.st_mode);
}

}  // namespace

// From the errand until the file has its name, or never will. A work is what its thread does; one
// at a time.
class Gettings::Getting final : public FetchReport, public std::enable_shared_from_this<Getting> {
 public:
  Getting(GetPlace& place, const GetErrand& errand, io_linux::ControlClientId client,
          std::shared_ptr<io_linux::Target> target, bool existed, FetchId fetch,
          std::function<void(const Getting*)> over)
      : place_(place),
        errand_(errand),
        options_(options_of(errand, place.options)),
        client_(client),
        target_(std::move(target)),
        existed_(existed),
        fetch_(fetch),
        over_(std::move(over)),
        record_(*place.local.catalogue, *place.local.pieces, errand.id, errand.path) {}

  ~Getting() override {
    cancel_ = true;
    if (thread_.joinable()) thread_.join();
    if (timer_) place_.node.world().remove_timer(*timer_);
    if (!target_) return;
    forget_if_useless();
    place_.store.remove_target(fetch_);
  }

  void begin() {
    work([this] { prepare(); }, [this] { prepared(); });
  }
  void hear(const Notice& notice) {
    if (fetching_) fetching_->take(notice);
  }
  bool serves(io_linux::ControlClientId client) const { return client_ == client; }
  bool waits_for(const SavedErrand& errand, int descriptor) const {
    if (!whole_ || saving_ || ending_ || !errand_.paths.empty()) return false;
    if (errand.id != errand_.id || errand.path != errand_.path) return false;
    return result_.directory ? is_directory(descriptor) : same_file(target_->fd(), descriptor);
  }
  std::vector<Digest> held() const {
    return fetching_ && target_ ? target_->held() : std::vector<Digest>();
  }

  // The content has its name.
  void saved(io_linux::ControlClientId client, io_linux::Fd file) {
    saving_ = true;
    client_ = client;
    file_ = std::move(file);
    work([this] { list(); }, [this] { listed(); });
  }

  // Nobody waits for it any more.
  void call_off() {
    client_.reset();
    if (saving_) return;
    // The command may be about to say so.
    if (whole_ && errand_.paths.empty() && is_laid_out(target_->fd())) return wait_for_its_name();
    end();
  }

  // The last that is called, when `over` has been.
  void let_go() {
    fetching_.reset();
    forget_if_useless();
    place_.store.remove_target(fetch_);
    stop_offering();
    std::vector<Digest> gone = target_->held();
    target_.reset();
    place_.forget(std::move(gone));
  }

  void say(Importance importance, const std::string& sentence) override {
    tell(word_line(SayWord{importance, sentence}));
  }
  void progress(Time, const ProgressView& view) override {
    tell_news(get_word_line(FetchedWord{view}));
  }
  bool wants_progress() const override { return true; }

 private:
  // Where nobody can go on from what is there, the content is not listed any more.
  void forget_if_useless() {
    if (!saving_ && begun_ && (give_up_ || is_over(target_->fd()))) record_.give_up();
  }

  // It was whole for a while.
  void stop_offering() {
    if (!whole_ || saving_) return;
    const auto listed = place_.local.catalogue->find(errand_.id);
    if (!listed || !listed->whole) place_.node.post(StopServing{errand_.id});
  }

  void wait_for_its_name() {
    if (timer_) return;
    timer_ = place_.node.world().add_timer(kNamedWithin, [this] {
      if (!saving_) end();
    });
  }

  // `then` follows on the loop's thread, unless the get has ended meanwhile.
  void work(std::function<void()> job, std::function<void()> then) {
    if (thread_.joinable()) thread_.join();  // it has posted all it had to
    working_ = true;
    thread_ = std::thread([this, job = std::move(job), then = std::move(then)] {
      job();
      place_.loop.post([weak = weak_from_this(), then] {
        const auto self = weak.lock();
        if (!self) return;
        self->working_ = false;
        if (self->ending_) return self->over_(self.get());
        then();
      });
    });
  }

  // On its thread.
  void prepare() {
    if (!errand_.directories &&
        is_known_directory(place_.store, errand_.id, target_->piece_size())) {
      directory_ = true;
      return;
    }
    failure_ = record_.begin();
    begun_ = !failure_;
    if (failure_ || !existed_) return;
    const auto progress = [this](uint64_t checked, uint64_t total) {
      length_ = total;
      place_.loop.post([weak = weak_from_this(), checked, total] {
        if (const auto self = weak.lock()) self->looked(checked, total);
      });
    };
    recovered_ = target_->recover(errand_.id, place_.store, progress, &cancel_);
    if (!recovered_.cancelled && recovered_.status != StoreStatus::ok) {
      failure_ = Failure{ExitCode::disk, target_->last_error().text};
    }
  }

  void looked(uint64_t checked, uint64_t total) {
    tell_news(word_line(
        ProgressWord{"looking at " + target_->part_path() + ": " + part_of(checked, total)}));
  }

  void prepared() {
    if (existed_) tell_news(word_line(ProgressWord{}));
    if (directory_) return decline(kIsDirectory);
    if (failure_) return fail(*failure_);
    if (recovered_.bytes > 0) tell(get_word_line(ResumedWord{recovered_.bytes, length_}));
    place_.store.add_target(fetch_, target_);
    for (const Digest& digest : recovered_.pieces) place_.node.post(PieceAdded{digest});
    fetching_.emplace(options_, *this, place_.node, *place_.local.pieces, target_.get(), fetch_);
    fetching_->on_long_work([this](auto job, auto then) { work(std::move(job), std::move(then)); });
    fetching_->on_whole([this](const FetchResult& result) { seal(result); });
    fetching_->on_failed([this](const FetchResult& result) { fail(*result.failure); });
    if (!errand_.directories) fetching_->on_directory([this] { decline(kIsDirectory); });
    fetching_->begin();
  }

  void seal(const FetchResult& result) {
    if (ending_) return;
    result_ = result;
    work(
        [this] {
          const auto bytes = std::as_bytes(std::span(result_.inline_bytes));
          if (!bytes.empty() && target_->write_inline(bytes) != StoreStatus::ok) {
            failure_ = Failure{ExitCode::disk, target_->last_error().text};
          } else if (const auto error = target_->seal(result_.length)) {
            failure_ = file_failure(*error);
          } else if (place_.local.pieces->sync() != StoreStatus::ok) {
            failure_ = Failure{ExitCode::disk, place_.local.pieces->last_error().text};
          }
        },
        [this] { sealed(); });
  }

  void sealed() {
    if (failure_) return fail(*failure_);
    whole_ = true;
    const std::string line = get_word_line(WholeWord{result_.length, result_.directory});
    if (result_.directory) {
      target_->leave_locked();
      return tell(line);  // until it hangs up
    }
    finish(line);
    wait_for_its_name();
  }

  // On its thread.
  void list() {
    SavedContent content;
    content.length = result_.length;
    content.kind = result_.directory ? ContentKind::directory : ContentKind::file;
    content.in_root = result_.length == 0 || !result_.inline_bytes.empty();
    failure_ = record_.done(content, {}, cancel_);
    if (failure_ || content.in_root) return;
    auto opened = open_unchanged(errand_.path, target_->piece_size(), content.kind, content.length,
                                 &cancel_, file_.get());
    if (opened.source == nullptr) {
      unserved_ = opened.error.text;
      return;
    }
    const auto parts =
        io_linux::content_pieces(*place_.local.pieces, errand_.id, target_->piece_size());
    place_.sources.add(errand_.id, errand_.path, std::move(opened.source), parts.data, false);
  }

  void listed() {
    place_.announce();
    if (failure_) return fail(*failure_);
    if (!unserved_.empty()) {
      say(Importance::warning, "the node lists this, but cannot serve it: " + unserved_);
    }
    finish(word_line(EndWord{}));
    end();
  }

  void fail(const Failure& failure) {
    give_up_ = failure.code == ExitCode::corrupt;
    finish(get_word_line(FailedWord{failure}));
    end();
  }
  void decline(const char* why) {
    give_up_ = true;
    finish(word_line(DeclineWord{why}));
    end();
  }

  // Lets go of all that it holds. Its thread may be at work yet, and the fetch may be calling.
  void end() {
    if (ending_) return;
    ending_ = true;
    cancel_ = true;
    if (fetching_ && !whole_) place_.node.post(CancelFetch{fetch_});
    if (!working_) over_(this);
  }

  void tell(const std::string& line) {
    if (auto* const server = place_.node.control(); server && client_) {
      server->tell(*client_, line);
    }
  }
  void tell_news(const std::string& line) {
    if (auto* const server = place_.node.control(); server && client_) {
      server->tell_news(*client_, line);
    }
  }
  void finish(const std::string& line) {
    const auto client = std::exchange(client_, std::nullopt);
    if (auto* const server = place_.node.control(); server && client) {
      server->finish(*client, line);
    }
  }

  GetPlace& place_;
  const GetErrand errand_;
  const GetOptions options_;
  std::optional<io_linux::ControlClientId> client_;  // who waits
  std::shared_ptr<io_linux::Target> target_;
  const bool existed_;
  const FetchId fetch_;
  const std::function<void(const Getting*)> over_;
  GetRecord record_;
  std::optional<Fetching> fetching_;
  std::optional<io_linux::EpollWorld::TimerId> timer_;
  FetchResult result_;
  io_linux::Fd file_;  // or the directory, by its name, once it has that
  bool whole_ = false;
  bool saving_ = false;   // it has its name
  bool give_up_ = false;  // nobody will go on from what is there
  bool working_ = false;
  bool ending_ = false;

  // Of the thread while it is at work.
  bool directory_ = false;
  bool begun_ = false;  // the catalogue lists it
  uint64_t length_ = 0;
  io_linux::Target::Recovered recovered_;
  std::optional<Failure> failure_;
  std::string unserved_;  // why

  std::atomic<bool> cancel_{false};
  std::thread thread_;  // the last member: it uses the others
};

Gettings::Gettings(GetPlace place) : place_(std::move(place)), next_fetch_(kFirstOfGets) {
  place_.node.on_notice([this](const Notice& notice) { hear(notice); });
}

Gettings::~Gettings() {
  place_.node.on_notice({});
  gets_.clear();
}

std::optional<std::string> Gettings::take(const GetErrand& errand,
                                          io_linux::ControlQuestion question) {
  if (gets_.size() >= kGetsMax) return "it has too many gets under way";
  const PieceSize piece_size = place_.local.pieces->piece_size();
  if (errand.piece_size != piece_size) {
    return "its piece size is " + size_text(piece_size.bytes());
  }
  // It dials nobody for a ticket's sake, who might be of another network.
  if (!errand.peers.empty() && !place_.node.is_connected_with(errand.peers)) {
    return "none of the ticket's peers is connected with it";
  }
  const auto opened =
      io_linux::Target::adopt(errand.called, piece_size, std::move(question.descriptor));
  if (!opened.target) return opened.error.text;
  if (!errand.paths.empty()) opened.target->keep_sparse();
  gets_.push_back(std::make_shared<Getting>(place_, errand, question.client, opened.target,
                                            opened.existed, FetchId{next_fetch_++},
                                            [this](const Getting* getting) { remove(getting); }));
  gets_.back()->begin();
  return std::nullopt;
}

std::optional<std::string> Gettings::take(const SavedErrand& errand,
                                          io_linux::ControlQuestion question) {
  const auto found = std::find_if(gets_.begin(), gets_.end(), [&](const auto& getting) {
    return question.descriptor && getting->waits_for(errand, question.descriptor.get());
  });
  if (found == gets_.end()) return "it has fetched no such file";
  (*found)->saved(question.client, std::move(question.descriptor));
  return std::nullopt;
}

void Gettings::call_off(io_linux::ControlClientId client) {
  const auto found = std::find_if(gets_.begin(), gets_.end(),
                                  [&](const auto& getting) { return getting->serves(client); });
  if (found != gets_.end()) (*found)->call_off();
}

std::vector<Digest> Gettings::held() const {
  std::vector<Digest> all;
  for (const auto& getting : gets_) all = both(std::move(all), getting->held());
  return all;
}

void Gettings::hear(const Notice& notice) {
  for (const auto& getting : gets_) getting->hear(notice);
}

void Gettings::remove(const Getting* getting) {
  place_.loop.post([this, getting] {
    const auto found = std::find_if(gets_.begin(), gets_.end(),
                                    [&](const auto& one) { return one.get() == getting; });
    if (found == gets_.end()) return;
    const auto gone = *found;
    gets_.erase(found);
    gone->let_go();
  });
}

}  // namespace p2p::app
