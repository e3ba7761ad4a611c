#include "io_sim/world/sim_disk.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/base/check.h"
#include "io_sim/net/draw.h"

namespace p2p::sim {

namespace {

constexpr Duration kSlow = Duration::seconds(1);

Slice with_a_wrong_bit(const Slice& bytes, Random& random) {
  auto block = std::make_shared<Block>(std::max<size_t>(bytes.size(), 1));
  const auto out = block->writable();
  std::fill(out.begin(), out.end(), std::byte{0});
  std::copy(bytes.bytes().begin(), bytes.bytes().end(), out.begin());
  const auto at = static_cast<size_t>(random.below(out.size()));
  const auto bit = static_cast<unsigned>(random.below(8));
  out[at] ^= std::byte{1} << bit;
  return Slice(std::move(block));
}

}  // namespace

SimDisk::SimDisk(const DiskModel& model, Seed seed, PiecePool& pool, size_t piece_bytes)
    : model_(model), random_(seed), pool_(pool), piece_bytes_(piece_bytes) {}

Duration SimDisk::next_latency() {
  const Duration drawn = draw_exponential(model_.latency, random_);
  return slow_ ? kSlow + drawn : drawn;
}

SimDisk::Written SimDisk::store(const Digest& digest, const Slice& bytes) {
  if (failing_) return {StoreStatus::io_error, true};
  const bool matches = pool_.keep(digest, bytes, piece_bytes_);
  if (pieces_.contains(digest)) return {StoreStatus::ok, matches};
  const size_t length = length_without_trailing_zeros(bytes.bytes());
  if (full_ || (model_.capacity > 0 && used_ + length > model_.capacity)) {
    return {StoreStatus::no_space, matches};
  }
  used_ += length;
  Piece piece{std::nullopt, length, ++last_stored_, false};
  if (!matches) piece.own = Slice::copy_of(bytes.bytes().first(length));
  pieces_.emplace(digest, std::move(piece));
  ++volatile_;
  return {StoreStatus::ok, matches};
}

void SimDisk::put(const Digest& digest) {
  const auto bytes = pool_.find(digest);
  P2P_CHECK(bytes.has_value());
  if (pieces_.contains(digest)) return;
  used_ += bytes->size();
  pieces_.emplace(digest, Piece{std::nullopt, bytes->size(), ++last_stored_, true});
}

StoreStatus SimDisk::load(const Digest& digest, Slice& bytes) {
  if (failing_) return StoreStatus::io_error;
  auto found = find(digest);
  if (!found) return StoreStatus::not_held;
  bytes = std::move(*found);
  return StoreStatus::ok;
}

uint64_t SimDisk::begin_sync() { return last_stored_; }

StoreStatus SimDisk::end_sync(uint64_t begun) {
  if (failing_) return StoreStatus::io_error;
  if (model_.lies) return StoreStatus::ok;
  for (auto& [digest, piece] : pieces_) {
    if (piece.durable || piece.stored > begun) continue;
    piece.durable = true;
    --volatile_;
  }
  return StoreStatus::ok;
}

StoreStatus SimDisk::save_book(const Slice& bytes, Time now) {
  if (failing_) return StoreStatus::io_error;
  if (full_ || (model_.capacity > 0 && used_ + bytes.size() > model_.capacity)) {
    return StoreStatus::no_space;
  }
  book_ = BookFile{bytes, now};
  if (!model_.lies) durable_book_ = book_;
  return StoreStatus::ok;
}

// Torn: what the disk only said to be durable has its name, and not all of its bytes.
void SimDisk::crash_book(DiskAfter after) {
  switch (after) {
    case DiskAfter::keep:
      break;
    case DiskAfter::wipe:
      book_ = std::nullopt;
      break;
    case DiskAfter::lose_unsynced:
      book_ = durable_book_;
      break;
    case DiskAfter::torn:
      if (model_.lies && book_) {
        book_->bytes = book_->bytes.sub(0, static_cast<size_t>(random_.below(book_->bytes.size())));
      }
      break;
  }
  durable_book_ = book_;
}

// Torn: of what was not durable some is whole, some is gone, and some is neither; the store's own
// check finds the last and drops it.
void SimDisk::crash(DiskAfter after) {
  switch (after) {
    case DiskAfter::keep:
      break;
    case DiskAfter::wipe:
      pieces_.clear();
      used_ = 0;
      break;
    case DiskAfter::lose_unsynced:
    case DiskAfter::torn:
      for (auto it = pieces_.begin(); it != pieces_.end();) {
        const bool kept = it->second.durable || (after == DiskAfter::torn && random_.below(3) == 0);
        if (kept) {
          ++it;
          continue;
        }
        used_ -= it->second.length;
        it = pieces_.erase(it);
      }
      break;
  }
  for (auto& [digest, piece] : pieces_) piece.durable = true;
  volatile_ = 0;
  crash_book(after);
}

std::vector<Digest> SimDisk::fail(DiskFault fault, uint64_t one_in) {
  std::vector<Digest> rotten;
  switch (fault) {
    case DiskFault::full:
      full_ = true;
      break;
    case DiskFault::failing:
      failing_ = true;
      break;
    case DiskFault::slow:
      slow_ = true;
      break;
    case DiskFault::rot:
      for (auto& [digest, piece] : pieces_) {
        if (random_.below(std::max<uint64_t>(one_in, 1)) != 0) continue;
        piece.own = with_a_wrong_bit(*find(digest), random_);
        rotten.push_back(digest);
      }
      if (book_ && random_.below(std::max<uint64_t>(one_in, 1)) == 0) {
        book_->bytes = with_a_wrong_bit(book_->bytes, random_);
        durable_book_ = book_;
      }
      break;
    case DiskFault::good:
      full_ = failing_ = slow_ = false;
      break;
  }
  return rotten;
}

std::vector<Digest> SimDisk::held() const {
  std::vector<Digest> held;
  held.reserve(pieces_.size());
  for (const auto& [digest, piece] : pieces_) held.push_back(digest);
  return held;
}

std::optional<Slice> SimDisk::find(const Digest& digest) const {
  const auto found = pieces_.find(digest);
  if (found == pieces_.end()) return std::nullopt;
  return found->second.own ? found->second.own : pool_.find(digest);
}

}  // namespace p2p::sim
