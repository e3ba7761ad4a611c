#include "apps/p2pnode/cache_work.h"

#include <utility>

#include "apps/common/counts.h"
#include "apps/common/quoting.h"
#include "apps/p2pnode/errand.h"
#include "apps/p2pnode/receiver_line.h"
#include "apps/p2pnode/recording.h"
#include "apps/p2pnode/run_errand.h"
#include "engine/base/quantity.h"

namespace p2p::app {
namespace {

using io_linux::ContentCache;

// The limit less what is still to come.
uint64_t limit_for_now(const ContentCache& cache, const CacheBounds& bounds) {
  const uint64_t here = cache.bytes_of(bounds.busy);
  const uint64_t coming = bounds.busy_length > here ? bounds.busy_length - here : 0;
  return bounds.limit > coming ? bounds.limit - coming : 0;
}

void say(const ContentCache::Eviction& eviction, uint64_t freed, uint64_t limit,
         Reporter& reporter) {
  for (const auto& error : eviction.errors) reporter.say(Importance::warning, error.text);
  for (const auto& record : eviction.damaged) {
    reporter.say(Importance::warning,
                 "nothing is evicted from the cache: parts of the tree of " + record.id.hex() +
                     " (" + printable(record.name) +
                     ") are lost; add or get it again, or take it off the list with "
                     "`p2pnode rm`");
  }
  for (const auto& record : eviction.evicted) {
    reporter.say(Importance::detail, "evicted from the cache: " + printable(record.name));
  }
  if (eviction.evicted.empty()) return;
  // Who wants nothing cached need not hear it each time.
  reporter.say(limit == 0 ? Importance::detail : Importance::info,
               counted(eviction.evicted.size(), "content was", "contents were") +
                   " evicted from the cache (" + size_text(freed) +
                   "); --cache-size has more kept");
}

}  // namespace

CacheWork keep_cache(LocalStore& local, const CacheBounds& bounds, Reporter& reporter) {
  CacheWork work;
  const ContentCache before(*local.catalogue, *local.pieces);
  work.state = before.state();
  if (work.state.contents == 0 || before.fits(limit_for_now(before, bounds))) {
    return work;
  }
  const StoreAlone alone(*local.lock);
  work.others = alone.error().has_value();
  if (work.others) return work;
  ContentCache cache(*local.catalogue, *local.pieces);
  const uint64_t bytes_before = cache.state().bytes;
  auto eviction = cache.keep_within(limit_for_now(cache, bounds), bounds.busy);
  work.state = cache.state();
  say(eviction, bytes_before - work.state.bytes, bounds.limit, reporter);
  for (const auto& record : eviction.evicted) work.evicted.push_back(record.id);
  work.gone = std::move(eviction.gone);
  return work;
}

void settle_cache(const CommonOptions& options, LocalStore& local, Talk& talk,
                  Interruption& interruption) {
  bool alone = false;
  {
    const StoreAlone tried(*local.lock);
    alone = !tried.error();
  }
  if (alone) {
    LocalReporter reporter(talk, interruption);
    alone = !keep_cache(local, {options.cache_limit(), {}, 0}, reporter).others;
  }
  if (alone) return;
  local.lock.reset();
  static_cast<void>(run_errand(options, CacheErrand{options.cache_size}, -1, talk, interruption));
}

CachedRecord::CachedRecord(const io_linux::Catalogue& catalogue, PieceSize piece_size,
                           const Ticket& ticket)
    : catalogue_(catalogue) {
  record_.id = ticket.id;
  record_.piece_size = piece_size;
  record_.whole = false;
  record_.cached = true;
  record_.name = default_file_name(ticket);
}

std::optional<Failure> CachedRecord::begin(uint64_t length) {
  const auto before = catalogue_.find(record_.id);
  if (before && !before->cached) return std::nullopt;
  begun_ = true;
  if (before) {
    record_ = *before;
    return std::nullopt;
  }
  record_.length = length;
  record_.since_s = now_s();
  return remember(catalogue_, record_);
}

std::optional<Failure> CachedRecord::end(bool whole, uint64_t holders) {
  if (!begun_) return std::nullopt;
  const auto listed = catalogue_.find(record_.id);
  // Somebody has pinned it, or removed it, meanwhile.
  if (!listed || !listed->cached) return std::nullopt;
  record_.whole = record_.whole || whole;
  auto failure = record_ == *listed ? std::nullopt : remember(catalogue_, record_);
  io_linux::ContentUse use = catalogue_.use_of(record_.id);
  if (holders > 0) use.holders = holders;
  use.used_s = now_s();
  const auto error = catalogue_.save_use(record_.id, use);
  if (!failure && error) failure = Failure{ExitCode::disk, error->text};
  return failure;
}

}  // namespace p2p::app
