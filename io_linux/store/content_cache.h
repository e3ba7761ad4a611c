// The cached contents of a data folder: how much they take, and keeping them within bounds.
//
// What counts are the bytes on disk of the pieces that only cached contents need; one that a pinned
// content needs too costs nothing. Contents go whole: the record first, then the pieces that nobody
// else needs, so that a crash in between leaves pieces for gc and no content with holes.
//
// Contents of another piece size than the store's are neither counted nor touched.
//
// Thread rule: as PieceStore; one call at a time for a data folder. Blocks on the disk: reads the
// trees of all listed contents. Memory: about 100 bytes for each piece of the cached contents.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/digest.h"
#include "io_linux/store/catalogue.h"
#include "io_linux/store/file_io.h"
#include "io_linux/store/piece_store.h"

namespace p2p::io_linux {

inline constexpr uint64_t kCacheSize = uint64_t{1} << 30;  // bytes, unless somebody says otherwise

struct CacheState {
  uint64_t contents = 0;
  uint64_t bytes = 0;
};

// What a cache was found to hold, and what it holds after what is called. The catalogue and the
// store outlive it.
class ContentCache {
 public:
  // Durable pieces of other processes count too.
  ContentCache(const Catalogue& catalogue, PieceStore& store);

  CacheState state() const { return {contents_.size(), bytes_}; }
  // 0 keeps nothing, not even what costs nothing.
  bool fits(uint64_t limit) const { return limit > 0 && bytes_ <= limit; }
  // What these cost together, if they are cached.
  uint64_t bytes_of(const std::vector<Digest>& ids) const;

  struct Eviction {
    std::vector<ContentRecord> evicted;
    std::vector<Digest> gone;       // pieces that the store holds no more; some it never did
    std::vector<FileError> errors;  // why one that was to go is still there
    // Pinned contents whose trees have holes, so that nobody knows what they need: nothing goes.
    std::vector<ContentRecord> damaged;
  };
  // Evicts until the cache holds no more than `limit` bytes, or nothing but those in `busy`: first
  // what is larger than the limit by itself, then in the order of cache_order.h. Requires that
  // nobody else uses the data folder.
  Eviction keep_within(uint64_t limit, const std::vector<Digest>& busy);

 private:
  struct Need {
    uint32_t contents = 0;  // cached ones that need it
    uint32_t bytes = 0;     // on disk
  };
  struct Content {
    ContentRecord record;
    std::vector<Digest> pieces;  // of which some may be needed by pinned ones
  };

  void add(ContentRecord record);
  void leave_out_pinned(const std::vector<ContentRecord>& records);
  std::vector<Digest> order(uint64_t limit, const std::vector<Digest>& busy) const;
  uint64_t size_of(const Content& content) const;
  void evict(const Content& content, Eviction& eviction);

  const Catalogue& catalogue_;
  PieceStore& store_;
  std::vector<Content> contents_;
  std::unordered_map<Digest, Need, DigestHash> needs_;  // of pieces that only cached contents need
  std::vector<ContentRecord> damaged_;
  uint64_t bytes_ = 0;
};

}  // namespace p2p::io_linux
