#include "io_linux/store/open_file_cache.h"

namespace p2p::io_linux {

std::optional<OpenFileCache::Entry> OpenFileCache::find(const Digest& digest) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(digest);
  if (found == places_.end()) return std::nullopt;
  order_.splice(order_.begin(), order_, found->second);
  return found->second->second;
}

void OpenFileCache::insert(const Digest& digest, Entry entry) {
  const std::lock_guard lock(mutex_);
  if (entries_max_ == 0 || places_.count(digest) != 0) return;
  if (order_.size() == entries_max_) {
    places_.erase(order_.back().first);
    order_.pop_back();
  }
  order_.emplace_front(digest, std::move(entry));
  places_.emplace(digest, order_.begin());
}

void OpenFileCache::erase(const Digest& digest) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(digest);
  if (found == places_.end()) return;
  order_.erase(found->second);
  places_.erase(found);
}

bool OpenFileCache::clear() {
  const std::lock_guard lock(mutex_);
  const bool had_some = !order_.empty();
  places_.clear();
  order_.clear();
  return had_some;
}

}  // namespace p2p::io_linux
