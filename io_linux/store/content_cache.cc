#include "io_linux/store/content_cache.h"

#include <algorithm>
#include <utility>

#include "io_linux/store/cache_order.h"
#include "io_linux/store/content_pieces.h"
#include "io_linux/store/store_care.h"

namespace p2p::io_linux {

ContentCache::ContentCache(const Catalogue& catalogue, PieceStore& store)
    : catalogue_(catalogue), store_(store) {
  // What is not durable yet has no place on disk that could be counted.
  static_cast<void>(store_.sync());
  static_cast<void>(store_.look_for_others());
  auto listed = catalogue_.list().records;
  std::erase_if(listed, [&](const ContentRecord& record) {
    return record.piece_size != store_.piece_size();
  });
  for (const ContentRecord& record : listed) {
    if (record.cached) add(record);
  }
  if (contents_.empty()) return;
  leave_out_pinned(listed);
  for (const auto& [digest, need] : needs_) bytes_ += need.bytes;
}

void ContentCache::add(ContentRecord record) {
  auto pieces = stored_pieces(content_pieces(store_, record.id, record.piece_size), record);
  std::sort(pieces.begin(), pieces.end());
  pieces.erase(std::unique(pieces.begin(), pieces.end()), pieces.end());
  for (const Digest& digest : pieces) {
    const auto [need, fresh] = needs_.try_emplace(digest);
    ++need->second.contents;
    if (fresh) need->second.bytes = static_cast<uint32_t>(store_.size_on_disk(digest));
  }
  contents_.push_back({std::move(record), std::move(pieces)});
}

void ContentCache::leave_out_pinned(const std::vector<ContentRecord>& records) {
  for (const ContentRecord& record : records) {
    if (record.cached) continue;
    auto pieces = content_pieces(store_, record.id, record.piece_size);
    if (record.whole && !pieces.missing.empty()) damaged_.push_back(record);
    for (const Digest& digest : stored_pieces(std::move(pieces), record)) needs_.erase(digest);
  }
}

uint64_t ContentCache::size_of(const Content& content) const {
  uint64_t bytes = 0;
  for (const Digest& digest : content.pieces) {
    const auto need = needs_.find(digest);
    if (need != needs_.end()) bytes += need->second.bytes;
  }
  return bytes;
}

uint64_t ContentCache::bytes_of(const std::vector<Digest>& ids) const {
  uint64_t bytes = 0;
  for (const Content& content : contents_) {
    if (std::find(ids.begin(), ids.end(), content.record.id) != ids.end()) {
      bytes += size_of(content);
    }
  }
  return bytes;
}

std::vector<Digest> ContentCache::order(uint64_t limit, const std::vector<Digest>& busy) const {
  std::vector<CachedContent> too_large;
  std::vector<CachedContent> others;
  for (const Content& content : contents_) {
    const ContentRecord& record = content.record;
    if (std::find(busy.begin(), busy.end(), record.id) != busy.end()) continue;
    const ContentUse use = catalogue_.use_of(record.id);
    auto& these = size_of(content) > limit ? too_large : others;
    these.push_back({record.id, use.holders, std::max(use.used_s, record.since_s)});
  }
  auto order = eviction_order(std::move(too_large));
  const auto then = eviction_order(std::move(others));
  order.insert(order.end(), then.begin(), then.end());
  return order;
}

ContentCache::Eviction ContentCache::keep_within(uint64_t limit, const std::vector<Digest>& busy) {
  Eviction eviction;
  if (contents_.empty() || fits(limit)) return eviction;
  eviction.damaged = damaged_;
  if (!damaged_.empty()) return eviction;
  for (const Digest& id : order(limit, busy)) {
    if (fits(limit)) break;
    const auto content = std::find_if(contents_.begin(), contents_.end(),
                                      [&](const Content& one) { return one.record.id == id; });
    if (auto error = catalogue_.remove(id)) {
      eviction.errors.push_back(std::move(*error));
      continue;
    }
    evict(*content, eviction);
    eviction.evicted.push_back(std::move(content->record));
    contents_.erase(content);
  }
  return eviction;
}

void ContentCache::evict(const Content& content, Eviction& eviction) {
  for (const Digest& digest : content.pieces) {
    const auto need = needs_.find(digest);
    if (need == needs_.end() || --need->second.contents > 0) continue;
    bytes_ -= need->second.bytes;
    needs_.erase(need);
    store_.drop(digest);
    eviction.gone.push_back(digest);
  }
}

}  // namespace p2p::io_linux
