#include "apps/p2pnode/errand_desk.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <variant>

#include "apps/common/quoting.h"
#include "apps/p2pnode/cache_work.h"
#include "apps/p2pnode/importing.h"
#include "apps/p2pnode/offer.h"
#include "apps/p2pnode/recording.h"
#include "apps/p2pnode/store_work.h"
#include "engine/base/quantity.h"

namespace p2p::app {
namespace {

// Fetches of the node itself; get's has a lower number, those for commands higher ones.
constexpr uint64_t kFirstMending = uint64_t{1} << 32;

std::optional<std::string> decline_line(const std::optional<std::string>& why) {
  return why ? std::optional(word_line(DeclineWord{*why})) : std::nullopt;
}

}  // namespace

// One errand, and what its work says, on the way to whoever hears it.
class ErrandDesk::Job final : public Reporter, public std::enable_shared_from_this<Job> {
 public:
  Job(Errand errand, std::string what, io_linux::Fd descriptor, LoopQueue& loop, Hear hear)
      : errand_(std::move(errand)),
        what_(std::move(what)),
        descriptor_(std::move(descriptor)),
        loop_(loop),
        hear_(std::move(hear)) {}

  const Errand& errand() const { return errand_; }
  const std::string& what() const { return what_; }
  int descriptor() const { return descriptor_.get(); }

  bool print(const std::string& text) override {
    pass_on(PrintWord{text});
    return true;
  }
  void say(Importance importance, const std::string& sentence) override {
    pass_on(SayWord{importance, sentence});
  }
  // `then` is called before anybody hears that it is done.
  void end(ExitCode code, Then then) {
    code_ = code;
    loop_.post([job = shared_from_this(), then = std::move(then)] {
      if (then) then();
      job->hear_(EndWord{job->code_});
    });
  }
  void set_code(ExitCode code) { code_ = code; }
  ExitCode code() const { return code_; }
  // On the loop's thread.
  void print_now(const std::string& text) { hear_(PrintWord{text}); }
  void say_now(Importance importance, const std::string& sentence) {
    hear_(SayWord{importance, sentence});
  }

 private:
  void show(const std::string& line) override { pass_on(ProgressWord{line}); }
  void pass_on(ErrandWord word) {
    loop_.post([job = shared_from_this(), word = std::move(word)] { job->hear_(word); });
  }

  const Errand errand_;
  const std::string what_;
  const io_linux::Fd descriptor_;
  LoopQueue& loop_;
  const Hear hear_;
  ExitCode code_ = ExitCode::failure;
};

ErrandDesk::ErrandDesk(Node& node, LocalStore& local, io_linux::SourcePieces& sources,
                       io_linux::NodeStore& store, const CommonOptions& options, bool stays)
    : node_(node),
      local_(local),
      sources_(sources),
      options_(options),
      stays_(stays),
      data_dir_(data_dir_of(options)),
      announced_(held()),
      next_mending_(kFirstMending),
      loop_(node.world()),
      gets_({node, local, sources, store, options, loop_, [this] { announce_new_pieces(); },
             [this](auto gone) { forget(std::move(gone)); }}) {
  node_.on_errand([this](auto question) { return take(std::move(question)); },
                  [this](auto client) { call_off(client); });
  thread_ = std::thread([this] { work(); });
  // An earlier run may have left more than this one is to keep.
  begin(std::make_shared<Job>(CacheErrand(), "", io_linux::Fd(), loop_, [](const ErrandWord&) {}));
}

ErrandDesk::~ErrandDesk() {
  node_.on_errand({}, {});
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (current_) current_->cancel();
  }
  wake_.notify_one();
  thread_.join();
}

std::vector<Digest> ErrandDesk::held() const {
  return both(local_.pieces->held(), sources_.held());
}

void ErrandDesk::add(const AddErrand& errand, const std::string& what, Hear hear) {
  begin(std::make_shared<Job>(errand, what, io_linux::Fd(), loop_, std::move(hear)));
}

std::optional<std::string> ErrandDesk::take(io_linux::ControlQuestion question) {
  auto parsed = parse_errand(question.line);
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return word_line(DeclineWord{*wrong});
  Errand errand = std::get<Errand>(std::move(parsed));
  if (const auto why = why_declined(errand)) return word_line(DeclineWord{*why});
  if (const auto* get = std::get_if<GetErrand>(&errand)) {
    return decline_line(gets_.take(*get, std::move(question)));
  }
  if (const auto* saved = std::get_if<SavedErrand>(&errand)) {
    return decline_line(gets_.take(*saved, std::move(question)));
  }
  std::string what;
  if (const auto* add = std::get_if<AddErrand>(&errand)) what = add->path;
  const auto client = question.client;
  const auto hear = [this, client](const ErrandWord& word) { tell(client, word); };
  auto job = std::make_shared<Job>(std::move(errand), std::move(what),
                                   std::move(question.descriptor), loop_, hear);
  of_clients_.emplace(client, job);
  begin(std::move(job));
  return std::nullopt;
}

void ErrandDesk::tell(io_linux::ControlClientId client, const ErrandWord& word) {
  io_linux::ControlServer* const server = node_.control();
  if (server == nullptr) return;
  const std::string line = word_line(word);
  if (std::holds_alternative<EndWord>(word)) {
    of_clients_.erase(client);
    server->finish(client, line);
  } else if (std::holds_alternative<ProgressWord>(word)) {
    server->tell_news(client, line);
  } else {
    server->tell(client, line);
  }
}

std::optional<std::string> ErrandDesk::why_declined(const Errand& errand) const {
  if (node_.stopping()) return "it is stopping";
  if (of_clients_.size() >= kErrandsMax) return "it has too many errands to run";
  const auto* const add = std::get_if<AddErrand>(&errand);
  if (add == nullptr) return std::nullopt;
  if (add->share && !stays_) return "it is a `p2pnode share`, which ends with its own files";
  if (add->piece_size && *add->piece_size != local_.pieces->piece_size()) {
    return "its piece size is " + size_text(local_.pieces->piece_size().bytes());
  }
  return std::nullopt;
}

void ErrandDesk::call_off(io_linux::ControlClientId client) {
  gets_.call_off(client);
  const auto found = of_clients_.find(client);
  if (found == of_clients_.end()) return;
  found->second->cancel();
  of_clients_.erase(found);
}

void ErrandDesk::begin(std::shared_ptr<Job> job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void ErrandDesk::work() {
  while (const auto job = next()) {
    Then then = job->cancelled() ? Then() : carry_out(*job);
    job->end(job->cancelled() ? ExitCode::interrupted : job->code(), std::move(then));
  }
}

// Null when the desk closes.
std::shared_ptr<ErrandDesk::Job> ErrandDesk::next() {
  std::unique_lock lock(mutex_);
  current_.reset();
  wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
  if (stopping_) return nullptr;
  current_ = std::move(jobs_.front());
  jobs_.pop_front();
  return current_;
}

ErrandDesk::Then ErrandDesk::carry_out(Job& job) {
  return std::visit([&](const auto& errand) { return carry_out(job, errand); }, job.errand());
}

ErrandDesk::Then ErrandDesk::carry_out(Job& job, const RemoveErrand& errand) {
  const auto record = local_.catalogue->find(errand.id);
  job.set_code(remove_content(data_dir_, errand, job).code);
  if (!record) return {};
  return [this, id = errand.id] { stop_serving(id); };
}

ErrandDesk::Then ErrandDesk::carry_out(Job& job, const CollectErrand& errand) {
  const StoreAlone alone(*local_.lock);
  if (alone.error()) {
    job.set_code(job.say_failure(
        {ExitCode::failure, "another command works on " + data_dir_ +
                                " (a get, or an add); try again when it has ended"}));
    return {};
  }
  // What is only on its way into the store is not seen otherwise.
  static_cast<void>(local_.pieces->sync());
  auto collected = collect(data_dir_, errand, job);
  job.set_code(collected.code);
  return gone_from_store(std::move(collected.gone));
}

ErrandDesk::Then ErrandDesk::carry_out(Job& job, const VerifyErrand& errand) {
  static_cast<void>(local_.pieces->sync());
  auto work = verify(data_dir_, errand, job);
  job.set_code(work.code);
  Then forget_gone = gone_from_store(std::move(work.gone));
  return [this, &job, forget_gone = std::move(forget_gone), spoilt = std::move(work.spoilt)] {
    forget_gone();
    for (const auto& record : spoilt) mend(record, job);
  };
}

// The node's own view of the store must not know them any more either.
ErrandDesk::Then ErrandDesk::gone_from_store(std::vector<Digest> gone) {
  for (const Digest& digest : gone) static_cast<void>(local_.pieces->drop(digest));
  return [this, gone = std::move(gone)] { forget(gone); };
}

ErrandDesk::Then ErrandDesk::carry_out(Job& job, const AddErrand& errand) {
  const Import import{job.what(), local_.pieces->piece_size(), errand.copy, job.descriptor()};
  auto result = import_and_list(import, local_, job);
  if (const auto* failure = std::get_if<Failure>(&result)) {
    job.set_code(job.say_failure(*failure));
    return {};
  }
  auto& imported = std::get<io_linux::Imported>(result);
  job.set_code(ExitCode::done);
  return [this, &job, &errand, imported = std::move(imported)] { added(job, errand, imported); };
}

ErrandDesk::Then ErrandDesk::carry_out(Job& job, const CacheErrand& errand) {
  static_cast<void>(local_.pieces->look_for_others());
  const uint64_t limit = errand.limit.value_or(options_.cache_limit());
  CacheWork work = keep_cache(local_, {limit, {}, 0}, job);
  job.set_code(ExitCode::done);
  return [this, work = std::move(work)] {
    announce_new_pieces();
    for (const Digest& id : work.evicted) node_.post(StopServing{id});
    forget(work.gone);
  };
}

void ErrandDesk::added(Job& job, const AddErrand& errand, const io_linux::Imported& imported) {
  if (!imported.in_place.empty()) {
    sources_.add(imported.id, job.what(), imported.source, imported.in_place, imported.settled);
  }
  announce_new_pieces();
  if (errand.share) node_.post(ServeContent{imported.id});
  Offer offer{ticket_of(imported, job.what(), node_.piece_size()), imported.kind, errand.share, {}};
  if (errand.share) {
    offer.ticket.peers = reachable_peers(node_.listening(), options_.advertise);
    offer.bootstrap = options_.bootstrap;
  }
  job.print_now(offer_text(offer, errand.json, errand.quiet));
}

void ErrandDesk::stop_serving(const Digest& id) {
  node_.post(StopServing{id});
  forget(sources_.remove(id));
}

// The engine learns of what the store holds now and did not hold before.
void ErrandDesk::announce_new_pieces() {
  std::vector<Digest> now_held = held();
  std::vector<Digest> fresh;
  std::set_difference(now_held.begin(), now_held.end(), announced_.begin(), announced_.end(),
                      std::back_inserter(fresh));
  for (const Digest& digest : fresh) node_.post(PieceAdded{digest});
  announced_ = std::move(now_held);
}

// And of what nothing holds any more.
void ErrandDesk::forget(std::vector<Digest> gone) {
  if (gone.empty()) return;
  std::sort(gone.begin(), gone.end());
  const auto without = [](const std::vector<Digest>& these, const std::vector<Digest>& those) {
    std::vector<Digest> rest;
    std::set_difference(these.begin(), these.end(), those.begin(), those.end(),
                        std::back_inserter(rest));
    return rest;
  };
  const std::vector<Digest> lost = without(gone, both(held(), gets_.held()));
  for (const Digest& digest : lost) node_.post(PieceRemoved{digest});
  announced_ = without(announced_, lost);
}

// What the store had a copy of comes anew from whoever has it. A user's file is not written into.
void ErrandDesk::mend(const io_linux::ContentRecord& record, Job& job) {
  if (!record.source.empty() || !record.whole || record.piece_size != node_.piece_size()) return;
  node_.post(FetchContent{FetchId{next_mending_++}, record.id, false});
  job.say_now(Importance::info, "the node fetches the missing pieces of " + printable(record.name) +
                                    " again, from whoever has them");
}

}  // namespace p2p::app
