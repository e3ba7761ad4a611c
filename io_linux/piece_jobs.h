// The engine's actions on pieces, as jobs for the worker threads.
//
// Thread rule: the loop's thread. The workers and the store outlive it.
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <unordered_map>

#include "engine/core/action.h"
#include "engine/core/event.h"
#include "io_linux/store/store.h"
#include "io_linux/workers.h"

namespace p2p::io_linux {

class PieceJobs {
 public:
  PieceJobs(Workers& workers, Store& store) : workers_(workers), store_(store) {}

  void begin(HashPiece action);
  void begin(StorePiece action);
  void begin(PlacePiece action);
  void begin(LoadPiece action);
  // Waits for what is being stored, so that "all that was stored before it" holds with several
  // threads; what is stored later does not hold it up.
  void begin(SyncStore action);

  // Every event that comes from the workers passes here on its way to the engine.
  void completed(const Event& event);

 private:
  struct HeldSync {
    SyncStore action;
    uint64_t after = 0;  // begins when no write of a serial up to this one is under way
  };

  void write(OpId op, Job job);
  void release_syncs();

  Workers& workers_;
  Store& store_;
  uint64_t last_write_ = 0;
  std::set<uint64_t> writes_;                         // serials of those under way
  std::unordered_map<uint64_t, uint64_t> serial_of_;  // by OpId; never iterated over
  std::deque<HeldSync> held_syncs_;
};

}  // namespace p2p::io_linux
