#include "io_linux/piece_jobs.h"

#include <utility>
#include <variant>

#include "engine/base/digest.h"

namespace p2p::io_linux {

void PieceJobs::begin(HashPiece action) {
  workers_.submit([action = std::move(action)]() -> Event {
    return PieceHashed{action.op, sha256_zero_filled(action.bytes.bytes(), action.zeros)};
  });
}

void PieceJobs::begin(StorePiece action) {
  const OpId op = action.op;
  write(op, [action = std::move(action), &store = store_]() -> Event {
    const auto bytes = action.bytes.bytes();
    return PieceStored{action.op, action.extents.empty()
                                      ? store.put(action.digest, bytes)
                                      : store.put_at(action.digest, bytes, action.extents)};
  });
}

void PieceJobs::begin(PlacePiece action) {
  const OpId op = action.op;
  write(op, [action = std::move(action), &store = store_]() -> Event {
    return PieceStored{action.op, store.place(action.digest, action.extents)};
  });
}

void PieceJobs::begin(LoadPiece action) {
  workers_.submit([action, &store = store_]() -> Event {
    Loaded loaded = store.load(action.digest, action.in_memory);
    return PieceLoaded{action.op, loaded.status, std::move(loaded.bytes)};
  });
}

void PieceJobs::begin(SyncStore action) {
  held_syncs_.push_back({action, last_write_});
  release_syncs();
}

void PieceJobs::completed(const Event& event) {
  const auto* stored = std::get_if<PieceStored>(&event);
  if (stored == nullptr) return;
  const auto found = serial_of_.find(stored->op.value);
  if (found == serial_of_.end()) return;
  writes_.erase(found->second);
  serial_of_.erase(found);
  release_syncs();
}

void PieceJobs::write(OpId op, Job job) {
  writes_.insert(++last_write_);
  serial_of_.emplace(op.value, last_write_);
  workers_.submit(std::move(job));
}

void PieceJobs::release_syncs() {
  while (!held_syncs_.empty()) {
    const HeldSync& first = held_syncs_.front();
    if (!writes_.empty() && *writes_.begin() <= first.after) return;
    workers_.submit([op = first.action.op, &store = store_]() -> Event {
      return StoreSynced{op, store.sync()};
    });
    held_syncs_.pop_front();
  }
}

}  // namespace p2p::io_linux
