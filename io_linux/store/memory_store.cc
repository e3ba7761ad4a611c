#include "io_linux/store/memory_store.h"

#include <algorithm>

namespace p2p::io_linux {

StoreStatus MemoryStore::put(const Digest& digest, std::span<const std::byte> bytes) {
  auto piece = Slice::copy_of(bytes.first(length_without_trailing_zeros(bytes)));
  const std::lock_guard lock(mutex_);
  pieces_.try_emplace(digest, std::move(piece));
  return StoreStatus::ok;
}

StoreStatus MemoryStore::put_at(const Digest&, std::span<const std::byte>,
                                const std::vector<Extent>& extents) {
  return extents.empty() ? StoreStatus::ok : StoreStatus::not_held;
}

StoreStatus MemoryStore::place(const Digest&, const std::vector<Extent>& extents) {
  return extents.empty() ? StoreStatus::ok : StoreStatus::not_held;
}

Loaded MemoryStore::load(const Digest& digest, bool) {
  const std::lock_guard lock(mutex_);
  const auto found = pieces_.find(digest);
  if (found == pieces_.end()) return {};
  // A copy, so that the memory's reference count belongs to whoever asked, on one thread.
  return {StoreStatus::ok, Slice::copy_of(found->second.bytes())};
}

StoreStatus MemoryStore::sync() { return StoreStatus::ok; }

std::vector<Digest> MemoryStore::held() const {
  const std::lock_guard lock(mutex_);
  std::vector<Digest> digests;
  digests.reserve(pieces_.size());
  for (const auto& [digest, piece] : pieces_) digests.push_back(digest);
  std::sort(digests.begin(), digests.end());
  return digests;
}

}  // namespace p2p::io_linux
