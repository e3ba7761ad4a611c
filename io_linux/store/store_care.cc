#include "io_linux/store/store_care.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "io_linux/store/content_pieces.h"
#include "io_linux/store/content_source.h"

namespace p2p::io_linux {

namespace {

// One that was there when the store was opened, or came since, and is gone now had other bytes.
void check_stored(PieceStore& store, const Digest& digest, const std::vector<Digest>& held,
                  Verified& verified) {
  const StoreStatus status = store.load(digest, true).status;
  if (status == StoreStatus::ok) return;
  const bool was_held = std::binary_search(held.begin(), held.end(), digest);
  ++(was_held ? verified.bad : verified.missing);
  if (was_held && status == StoreStatus::not_held) verified.gone.push_back(digest);
  if (status != StoreStatus::not_held) verified.why = store.last_error().text;
}

class SourceCheck {
 public:
  SourceCheck(const ContentRecord& record, Verified& verified)
      : record_(record), verified_(verified), buffer_(record.piece_size.bytes()) {
    auto opened = open_source(record.source, record.piece_size);
    if (opened.source == nullptr) {
      verified_.why = opened.error.text;
    } else if (opened.source->kind() != record.kind || opened.source->length() != record.length) {
      verified_.why = record.source + " has changed since it was added";
    } else {
      source_ = std::move(opened.source);
    }
  }

  void check(const ContentPieces::Data& data) {
    const auto bytes = std::span(buffer_).first(data.length);
    const bool there = source_ != nullptr && !source_->read(bytes, data.offset).error;
    if (!there) {
      ++verified_.missing;
    } else if (sha256_zero_filled(bytes, buffer_.size() - bytes.size()) != data.digest) {
      ++verified_.bad;
      verified_.why = record_.source + " has changed since it was added";
    }
  }

 private:
  const ContentRecord& record_;
  Verified& verified_;
  std::unique_ptr<ContentSource> source_;
  std::vector<std::byte> buffer_;
};

}  // namespace

std::vector<Digest> stored_pieces(ContentPieces pieces, const ContentRecord& record) {
  std::vector<Digest> needed = std::move(pieces.nodes);
  if (!record.source.empty()) return needed;
  for (const auto& data : pieces.data) needed.push_back(data.digest);
  return needed;
}

Collected collect_garbage(PieceStore& store, const std::vector<ContentRecord>& records,
                          bool dry_run) {
  Collected collected;
  std::vector<Digest> needed;
  for (const ContentRecord& record : records) {
    if (record.piece_size != store.piece_size()) continue;
    auto pieces = content_pieces(store, record.id, record.piece_size);
    // Of a cached one that has lost nodes, what is below them may go.
    if (record.whole && !record.cached && !pieces.missing.empty()) {
      collected.damaged.push_back(record);
    }
    const auto of_this = stored_pieces(std::move(pieces), record);
    needed.insert(needed.end(), of_this.begin(), of_this.end());
  }
  std::sort(needed.begin(), needed.end());
  needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
  const auto held = store.held();
  if (!collected.damaged.empty()) {
    collected.kept = held.size();
    return collected;
  }
  std::vector<Digest> useless;
  std::set_difference(held.begin(), held.end(), needed.begin(), needed.end(),
                      std::back_inserter(useless));
  collected.kept = held.size() - useless.size();
  collected.dropped = useless.size();
  for (const Digest& digest : useless) {
    collected.dropped_bytes += dry_run ? store.size_on_disk(digest) : store.drop(digest);
  }
  if (!dry_run) collected.gone = std::move(useless);
  return collected;
}

Verified verify_content(PieceStore& store, const ContentRecord& record,
                        const VerifyProgress& progress, const std::atomic<bool>& cancel) {
  Verified verified;
  const auto held = store.held();
  const auto pieces = content_pieces(store, record.id, record.piece_size);
  verified.pieces = pieces.nodes.size() + pieces.missing.size() + pieces.data.size();
  verified.why = pieces.invalid;
  for (const Digest& node : pieces.missing) {
    const bool was_held = std::binary_search(held.begin(), held.end(), node);
    ++(was_held ? verified.bad : verified.missing);
    if (was_held) verified.gone.push_back(node);
  }
  // An unfinished one is checked by the get that goes on with it.
  if (!record.whole) return verified;
  std::optional<SourceCheck> source;
  if (!record.source.empty()) source.emplace(record, verified);
  uint64_t done = 0;
  for (const auto& data : pieces.data) {
    verified.cancelled = cancel;
    if (verified.cancelled) break;
    if (source) {
      source->check(data);
    } else {
      check_stored(store, data.digest, held, verified);
    }
    if (progress) progress(++done, pieces.data.size());
  }
  return verified;
}

bool is_as_listed(const ContentRecord& record, const Verified& verified) {
  if (verified.whole()) return true;
  return !record.whole && verified.bad == 0 && verified.why.empty() && !verified.cancelled;
}

Verified verify_pieces(PieceStore& store, const VerifyProgress& progress,
                       const std::atomic<bool>& cancel) {
  Verified verified;
  const auto held = store.held();
  for (const Digest& digest : held) {
    verified.cancelled = cancel;
    if (verified.cancelled) break;
    check_stored(store, digest, held, verified);
    if (progress) progress(++verified.pieces, held.size());
  }
  return verified;
}

}  // namespace p2p::io_linux
