// A node's disk: which pieces are on it, what a crash leaves, what goes wrong with it.
//
// It models the store of the Linux world, which vouches after a restart for whole and verified
// pieces only: what a crash tore is recognised and not counted as held. Its file of the address
// book is replaced as a whole, and durable then, unless the disk lies.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/random.h"
#include "engine/core/store_types.h"
#include "io_sim/scenario/scenario.h"
#include "io_sim/world/piece_pool.h"

namespace p2p::sim {

class SimDisk {
 public:
  // The pool outlives the disk.
  SimDisk(const DiskModel& model, Seed seed, PiecePool& pool, size_t piece_bytes);

  // How long the next operation takes. Operations overtake each other.
  Duration next_latency();

  struct Written {
    StoreStatus status = StoreStatus::ok;
    bool bytes_match = true;
  };
  Written store(const Digest& digest, const Slice& bytes);
  // What was there from the beginning, durable. Requires that the pool has it.
  void put(const Digest& digest);
  StoreStatus load(const Digest& digest, Slice& bytes);
  // A sync that begins now makes durable what is stored by now, when it ends.
  uint64_t begin_sync();
  StoreStatus end_sync(uint64_t begun);
  // Whether a crash now would keep everything.
  bool all_durable() const { return volatile_ == 0; }

  // The file of the address book (SaveBook), and when it was written by the node's clock.
  struct BookFile {
    Slice bytes;
    Time saved;
  };
  StoreStatus save_book(const Slice& bytes, Time now);
  const std::optional<BookFile>& book() const { return book_; }
  // It is no book: there is none any more.
  void set_book_aside() { book_ = durable_book_ = std::nullopt; }

  void crash(DiskAfter after);
  // Returns the pieces that rotted.
  std::vector<Digest> fail(DiskFault fault, uint64_t one_in);

  bool holds(const Digest& digest) const { return pieces_.contains(digest); }
  size_t size() const { return pieces_.size(); }
  std::vector<Digest> held() const;
  // Of one piece, without trailing zeros; nullopt: not held. For peers that are not engines.
  std::optional<Slice> find(const Digest& digest) const;

 private:
  void crash_book(DiskAfter after);

  struct Piece {
    std::optional<Slice> own;  // bytes that are this disk's alone: they don't match the digest
    size_t length = 0;         // without trailing zeros
    uint64_t stored = 0;       // in order
    bool durable = false;
  };

  DiskModel model_;
  Random random_;
  PiecePool& pool_;
  size_t piece_bytes_;
  std::map<Digest, Piece> pieces_;
  uint64_t used_ = 0;  // bytes
  uint64_t last_stored_ = 0;
  size_t volatile_ = 0;  // pieces that a crash may lose
  std::optional<BookFile> book_;
  std::optional<BookFile> durable_book_;  // what a crash leaves of it
  bool full_ = false;
  bool failing_ = false;
  bool slow_ = false;
};

}  // namespace p2p::sim
