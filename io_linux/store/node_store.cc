#include "io_linux/store/node_store.h"

#include <algorithm>
#include <variant>

#include "engine/base/check.h"

namespace p2p::io_linux {

namespace {

template <class Targets>
Target* target_of(const Targets& targets, FetchId fetch) {
  const auto found = std::find_if(targets.begin(), targets.end(),
                                  [&](const auto& entry) { return entry.first == fetch; });
  return found == targets.end() ? nullptr : found->second.get();
}

// All are tried; the first that fails is told.
void note(StoreStatus& outcome, StoreStatus status) {
  if (outcome == StoreStatus::ok) outcome = status;
}

}  // namespace

void NodeStore::add_target(FetchId fetch, std::shared_ptr<Target> target) {
  const std::lock_guard lock(mutex_);
  P2P_CHECK(target != nullptr && target_of(targets_, fetch) == nullptr);
  targets_.emplace_back(fetch, std::move(target));
}

void NodeStore::remove_target(FetchId fetch) {
  Targets removed;  // closed without the lock
  const std::lock_guard lock(mutex_);
  const auto gone = std::partition(targets_.begin(), targets_.end(),
                                   [&](const auto& entry) { return entry.first != fetch; });
  removed.assign(gone, targets_.end());
  targets_.erase(gone, targets_.end());
}

NodeStore::Targets NodeStore::targets() const {
  const std::lock_guard lock(mutex_);
  return targets_;
}

StoreStatus NodeStore::put(const Digest& digest, std::span<const std::byte> bytes) {
  return pieces_.put(digest, bytes);
}

StoreStatus NodeStore::put_at(const Digest& digest, std::span<const std::byte> bytes,
                              const std::vector<Extent>& extents) {
  const auto all = targets();
  auto outcome = StoreStatus::ok;
  for (const auto& extent : extents) {
    auto* target = target_of(all, extent.fetch);
    note(outcome, target == nullptr ? StoreStatus::not_held
                                    : target->put_at(digest, bytes, extent.offset, extent.length));
  }
  return outcome;
}

StoreStatus NodeStore::place(const Digest& digest, const std::vector<Extent>& extents) {
  const auto all = targets();
  auto outcome = StoreStatus::ok;
  Loaded piece;
  for (const auto& extent : extents) {
    auto* target = target_of(all, extent.fetch);
    if (target == nullptr) {
      note(outcome, StoreStatus::not_held);
      continue;
    }
    if (target->holds(digest, extent.offset, extent.length)) continue;
    if (piece.status != StoreStatus::ok) piece = load(digest, true);
    note(outcome, piece.status != StoreStatus::ok
                      ? piece.status
                      : target->put_at(digest, std::get<Slice>(piece.bytes).bytes(), extent.offset,
                                       extent.length));
  }
  return outcome;
}

Loaded NodeStore::load(const Digest& digest, bool in_memory) {
  for (const auto& [fetch, target] : targets()) {
    auto loaded = target->load(digest, in_memory);
    if (loaded.status == StoreStatus::ok) return loaded;
  }
  auto in_place = StoreStatus::not_held;
  if (sources_ != nullptr) {
    auto loaded = sources_->load(digest);
    if (loaded.status == StoreStatus::ok) return loaded;
    in_place = loaded.status;
  }
  auto stored = pieces_.load(digest, in_memory);
  if (stored.status == StoreStatus::not_held) stored.status = in_place;
  return stored;
}

StoreStatus NodeStore::sync() {
  auto outcome = pieces_.sync();
  for (const auto& [fetch, target] : targets()) note(outcome, target->sync());
  return outcome;
}

}  // namespace p2p::io_linux
