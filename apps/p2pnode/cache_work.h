// Keeping the cache of a data folder within its bounds (io_linux/store/content_cache.h), for
// whoever has the folder: the node that runs there, or a get by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "apps/common/interruption.h"
#include "apps/common/talk.h"
#include "apps/p2pnode/failure.h"
#include "apps/p2pnode/local_store.h"
#include "apps/p2pnode/options.h"
#include "apps/p2pnode/reporter.h"
#include "engine/base/digest.h"
#include "io_linux/store/catalogue.h"
#include "io_linux/store/content_cache.h"

namespace p2p::app {

struct CacheBounds {
  uint64_t limit = 0;        // bytes
  std::vector<Digest> busy;  // contents that stay
  uint64_t busy_length = 0;  // bytes that these will have
};
struct CacheWork {
  io_linux::CacheState state;   // afterwards
  std::vector<Digest> evicted;  // contents
  std::vector<Digest> gone;     // pieces that the store holds no more
  bool others = false;          // something was to go, but others use the folder
};
// Evicts until there is room for what the busy ones will have within the limit, or nothing else is
// left; says what goes. Blocks on the disk. Requires a `local` without failure, and that nobody
// else uses its lock meanwhile.
CacheWork keep_cache(LocalStore& local, const CacheBounds& bounds, Reporter& reporter);

// When a get is over that has put something into the cache, and its node is gone: the node that
// runs on the folder takes care of it, or this does, if nobody else is there. Lets go of the store.
void settle_cache(const CommonOptions& options, LocalStore& local, Talk& talk,
                  Interruption& interruption);

// The record of a content that `get -o -` fetches: cached, unless it is listed as pinned already.
// Thread rule: one thread at a time.
class CachedRecord {
 public:
  // The catalogue outlives it.
  CachedRecord(const io_linux::Catalogue& catalogue, PieceSize piece_size, const Ticket& ticket);

  // Its length is known: it is listed from now on.
  std::optional<Failure> begin(uint64_t length);
  // It is whole, or will not be for now. `holders`: as ContentUse has it.
  std::optional<Failure> end(bool whole, uint64_t holders);

 private:
  const io_linux::Catalogue& catalogue_;
  io_linux::ContentRecord record_;
  bool begun_ = false;
};

}  // namespace p2p::app
