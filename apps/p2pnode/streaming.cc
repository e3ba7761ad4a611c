#include "apps/p2pnode/streaming.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace p2p::app {
namespace {

constexpr Duration kStreamTick = Duration::milliseconds(200);
constexpr char kTakesNoMore[] = "standard output takes no more of the content";

}  // namespace

// What is said on the writer's thread is said on the loop's.
class Streaming::LoopReporter final : public Reporter {
 public:
  LoopReporter(LoopQueue& loop, Talk& talk) : loop_(loop), talk_(talk) {}

  // Standard output is the content's.
  bool print(const std::string&) override { return false; }
  void say(Importance importance, const std::string& sentence) override {
    loop_.post([&talk = talk_, importance, sentence] { talk.say(importance, sentence); });
  }

 private:
  void show(const std::string&) override {}

  LoopQueue& loop_;
  Talk& talk_;
};

Streaming::Streaming(const GetOptions& options, GetReport& report, Node& node, Fetching& fetching,
                     LocalStore& local, io_linux::Store& store)
    : options_(options),
      report_(report),
      node_(node),
      fetching_(fetching),
      local_(local),
      store_(store),
      record_(*local.catalogue, local.pieces->piece_size(), options.ticket),
      loop_(node.world()) {
  fetching_.on_length([this](uint64_t length) { begin(length); });
  fetching_.on_more([this] {
    if (writer_) writer_->pieces_came();
  });
  // The node goes on until all is written.
  fetching_.on_whole([](const FetchResult&) {});
}

void Streaming::begin(uint64_t length) {
  StreamWriter::Calls calls;
  calls.begin = [this, length] { return begin_record(length); };
  calls.on_written = [this](uint64_t position) {
    loop_.post([this, position] {
      written_ = position;
      fetching_.read_to(position);
    });
  };
  calls.on_missing = [this](const Digest& digest, uint64_t looked) {
    loop_.post([this, digest, looked] {
      // If more has come since, it looks again by itself.
      if (writer_->calls() == looked) fetching_.lost(digest, written_);
    });
  };
  calls.on_end = [this] { loop_.post([this] { node_.shut_down(); }); };
  writer_ = std::make_unique<StreamWriter>(store_, options_.ticket.id, local_.pieces->piece_size(),
                                           STDOUT_FILENO, std::move(calls));
  node_.world().add_timer(kStreamTick, [this] { tick(); });
}

// On the writer's thread.
std::optional<std::string> Streaming::begin_record(uint64_t length) {
  const auto failure = record_.begin(length);
  if (failure) return failure->sentence;
  // Others make room for it, if it can stay at all.
  const uint64_t limit = options_.common.cache_limit();
  if (length > limit) return std::nullopt;
  LoopReporter reporter(loop_, report_.talk());
  CacheWork work = keep_cache(local_, {limit, {options_.ticket.id}, length}, reporter);
  loop_.post([this, gone = std::move(work.gone)] {
    for (const Digest& digest : gone) node_.post(PieceRemoved{digest});
  });
  return std::nullopt;
}

// Who waits for more to come does not notice that its reader has gone.
void Streaming::tick() {
  if (!node_.stopping() && reader_is_gone(STDOUT_FILENO)) {
    fetching_.fail(ExitCode::failure, kTakesNoMore);
  }
}

std::optional<Failure> Streaming::end() {
  StreamEnd end;
  if (writer_) end = writer_->stop();
  const FetchResult fetched = fetching_.result();
  const bool written = end.status == StreamEnd::Status::written;
  auto failure = failure_of(end, fetched);
  auto unlisted = record_.end(written, fetched.holders);
  return failure ? failure : unlisted;
}

std::optional<Failure> Streaming::failure_of(const StreamEnd& end,
                                             const FetchResult& fetched) const {
  using Status = StreamEnd::Status;
  switch (end.status) {
    case Status::written:
      return std::nullopt;
    case Status::reader_ended:
      return Failure{end.error_number == ENOSPC ? ExitCode::disk : ExitCode::failure, kTakesNoMore};
    case Status::store_failed:
      return Failure{ExitCode::disk, end.error};
    case Status::invalid:
      return Failure{ExitCode::corrupt, end.error};
    case Status::stopped:
      break;
  }
  if (fetched.failure) return fetched.failure;
  return Failure{ExitCode::interrupted, "interrupted"};
}

}  // namespace p2p::app
