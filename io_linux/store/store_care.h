// Taking care of a store that nobody else uses: dropping what no content needs, and reading all to
// find what the disk has spoilt.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "io_linux/store/catalogue.h"
#include "io_linux/store/content_pieces.h"
#include "io_linux/store/piece_store.h"

namespace p2p::io_linux {

// The pieces that the store itself has to hold for a content, as far as its tree is known; some may
// be named more than once.
std::vector<Digest> stored_pieces(ContentPieces pieces, const ContentRecord& record);

struct Collected {
  uint64_t kept = 0;     // pieces
  uint64_t dropped = 0;  // pieces
  uint64_t dropped_bytes = 0;
  std::vector<Digest> gone;  // what was dropped; empty after a dry run
  // Pinned contents whose trees have holes, so that nobody knows what they need: nothing was
  // dropped.
  std::vector<ContentRecord> damaged;
};
// Drops every piece that none of these contents needs; those of other piece sizes have nothing to
// say about this store. With `dry_run` only counts.
Collected collect_garbage(PieceStore& store, const std::vector<ContentRecord>& records,
                          bool dry_run);

struct Verified {
  uint64_t pieces = 0;       // that the content has, as far as it is known
  uint64_t missing = 0;      // not held
  uint64_t bad = 0;          // held with other bytes; they are dropped from the store
  std::vector<Digest> gone;  // the bad ones that were dropped
  std::string why;           // the source can't be read, or the tree is none; empty: neither
  bool cancelled = false;

  bool whole() const { return missing == 0 && bad == 0 && why.empty() && !cancelled; }
};
using VerifyProgress = std::function<void(uint64_t pieces_done, uint64_t pieces_total)>;
// Reads every piece of a content, in the store or in its source.
Verified verify_content(PieceStore& store, const ContentRecord& record,
                        const VerifyProgress& progress, const std::atomic<bool>& cancel);
// Whether a content is as it is listed: one that has only begun misses pieces, and has no bad ones.
bool is_as_listed(const ContentRecord& record, const Verified& verified);
// Reads every piece that the store holds.
Verified verify_pieces(PieceStore& store, const VerifyProgress& progress,
                       const std::atomic<bool>& cancel);

}  // namespace p2p::io_linux
