#include "io_linux/store/source_pieces.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <utility>

namespace p2p::io_linux {
namespace {

// Each once.
std::vector<Digest> ascending(std::vector<Digest> digests) {
  std::sort(digests.begin(), digests.end());
  digests.erase(std::unique(digests.begin(), digests.end()), digests.end());
  return digests;
}

}  // namespace

SourcePieces::SourcePieces(PieceSize piece_size)
    : piece_size_(piece_size), news_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void SourcePieces::add(const Digest& id, const std::string& name,
                       std::shared_ptr<const ContentSource> source,
                       const std::vector<ContentPieces::Data>& pieces, bool proven) {
  const std::lock_guard lock(mutex_);
  remove_locked(id);
  const uint64_t number = ++last_content_;
  contents_.emplace(number, Content{id, name, std::move(source), false});
  for (const auto& piece : pieces) {
    locations_.emplace(piece.digest, Location{number, piece.offset, piece.length, proven});
  }
}

std::vector<Digest> SourcePieces::remove(const Digest& id) {
  const std::lock_guard lock(mutex_);
  return remove_locked(id);
}

std::vector<Digest> SourcePieces::remove_locked(const Digest& id) {
  const auto content = std::find_if(contents_.begin(), contents_.end(),
                                    [&](const auto& entry) { return entry.second.id == id; });
  if (content == contents_.end()) return {};
  std::vector<Digest> removed;
  for (auto at = locations_.begin(); at != locations_.end();) {
    if (at->second.content != content->first) {
      ++at;
      continue;
    }
    removed.push_back(at->first);
    at = locations_.erase(at);
  }
  contents_.erase(content);
  return ascending(std::move(removed));
}

Loaded SourcePieces::load(const Digest& digest) {
  Location location;
  std::shared_ptr<const ContentSource> source;
  // Many places may have the same piece, and all of them may have changed.
  constexpr int kTriesMax = 4;
  for (int tries = 0; tries < kTriesMax && find(digest, location, source); ++tries) {
    auto block = std::make_shared<Block>(location.length);
    const auto got = source->read(block->writable(), location.offset);
    // The next try may find the same bytes again.
    if (got.error && got.error->error_number != 0) return {StoreStatus::io_error, {}};
    const bool proven = location.proven && got.as_opened;
    if (!got.error && (proven || has_digest(*block, location, digest))) {
      if (got.settled && !proven) prove(digest, location);
      return {StoreStatus::ok, Slice(std::move(block))};
    }
    forget(digest, location);
  }
  return {};
}

bool SourcePieces::has_digest(const Block& block, const Location& location,
                              const Digest& digest) const {
  return sha256_zero_filled(block.bytes(), piece_size_.bytes() - location.length) == digest;
}

bool SourcePieces::find(const Digest& digest, Location& location,
                        std::shared_ptr<const ContentSource>& source) const {
  const std::lock_guard lock(mutex_);
  const auto found = locations_.find(digest);
  if (found == locations_.end()) return false;
  location = found->second;
  source = contents_.at(location.content).source;
  return true;
}

// Where the digest stands there, if it still does.
SourcePieces::Locations::iterator SourcePieces::locate(const Digest& digest,
                                                       const Location& location) {
  const auto [begin, end] = locations_.equal_range(digest);
  const auto found = std::find_if(begin, end, [&](const auto& entry) {
    return entry.second.content == location.content && entry.second.offset == location.offset;
  });
  return found == end ? locations_.end() : found;
}

void SourcePieces::prove(const Digest& digest, const Location& location) {
  const std::lock_guard lock(mutex_);
  const auto found = locate(digest, location);
  if (found != locations_.end()) found->second.proven = true;
}

void SourcePieces::forget(const Digest& digest, const Location& location) {
  const std::lock_guard lock(mutex_);
  const auto at = locate(digest, location);
  if (at != locations_.end()) locations_.erase(at);
  const auto found = contents_.find(location.content);
  if (found == contents_.end()) return;  // removed meanwhile
  Content& content = found->second;
  if (std::exchange(content.changed, true)) return;
  sentences_.push_back(content.name +
                       " has changed since it was added: what is no longer the same is not served; "
                       "add it again for a new id");
  static_cast<void>(::eventfd_write(news_.get(), 1));
}

std::vector<std::string> SourcePieces::take_news() {
  eventfd_t ignored = 0;
  static_cast<void>(::eventfd_read(news_.get(), &ignored));
  const std::lock_guard lock(mutex_);
  return std::exchange(sentences_, {});
}

std::vector<Digest> SourcePieces::held() const {
  std::vector<Digest> digests;
  {
    const std::lock_guard lock(mutex_);
    digests.reserve(locations_.size());
    for (const auto& [digest, location] : locations_) digests.push_back(digest);
  }
  return ascending(std::move(digests));
}

}  // namespace p2p::io_linux
