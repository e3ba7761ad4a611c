#include "io_linux/store/piece_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "engine/base/bytes.h"
#include "engine/base/check.h"

namespace p2p::io_linux {

namespace {

// Enough for what a few hundred peers ask for at a time; the engine's budget of descriptors
// (engine/core/limits.h) leaves room for it.
constexpr size_t kOpenFilesMax = 64;
// Beyond this many files, syncing the whole filesystem once is faster than each by itself.
constexpr size_t kSyncEachPieceMax = 32;

}  // namespace

PieceStore::PieceStore(PieceLayout layout, std::unique_ptr<IncomingFolder> incoming)
    : layout_(std::move(layout)), incoming_(std::move(incoming)), open_files_(kOpenFilesMax) {}

PieceStore::~PieceStore() = default;

PieceStore::OpenResult PieceStore::open(const std::string& data_dir, PieceSize piece_size) {
  OpenResult result;
  PieceLayout layout(data_dir, piece_size);
  const int error_number = layout.make();
  if (error_number != 0) {
    result.error = file_error("create", layout.folder(), error_number);
    return result;
  }
  auto recovery = recover_incoming(data_dir);
  result.report.recovered = recovery.kept;
  result.report.removed = recovery.removed;
  result.report.errors = std::move(recovery.errors);

  const auto scan = layout.scan();
  if (scan.error_number != 0) {
    result.error = file_error("list", layout.folder(), scan.error_number);
    return result;
  }
  result.report.pieces = scan.pieces.size();
  result.report.ignored = scan.ignored;

  auto created = IncomingFolder::create(data_dir, piece_size);
  if (created.folder == nullptr) {
    result.error = std::move(created.error);
    return result;
  }
  result.store.reset(new PieceStore(std::move(layout), std::move(created.folder)));
  for (const auto& digest : scan.pieces) result.store->held_.emplace(digest, Standing::durable);
  return result;
}

StoreStatus PieceStore::put(const Digest& digest, std::span<const std::byte> bytes) {
  bytes = bytes.first(length_without_trailing_zeros(bytes));
  P2P_CHECK(bytes.size() <= layout_.piece_size().bytes());
  {
    std::unique_lock lock(mutex_);
    written_.wait(lock, [&] {
      return being_written_.count(digest) == 0 &&
             (being_synced_.count(digest) == 0 || held_.count(digest) != 0);
    });
    if (held_.count(digest) != 0) return StoreStatus::ok;
    being_written_.insert(digest);
  }
  const int error_number = incoming_->write(digest, bytes);
  {
    const std::lock_guard lock(mutex_);
    being_written_.erase(digest);
    if (error_number == 0) {
      held_.emplace(digest, Standing::incoming);
      unsynced_.push_back(digest);
    }
  }
  written_.notify_all();
  if (error_number == 0) return StoreStatus::ok;
  return failed("write", incoming_->piece_path(digest), error_number);
}

StoreStatus PieceStore::put_at(const Digest&, std::span<const std::byte>,
                               const std::vector<Extent>& extents) {
  return extents.empty() ? StoreStatus::ok : StoreStatus::not_held;
}

StoreStatus PieceStore::place(const Digest&, const std::vector<Extent>& extents) {
  return extents.empty() ? StoreStatus::ok : StoreStatus::not_held;
}

Loaded PieceStore::load(const Digest& digest, bool in_memory) {
  auto [piece, status] = open_piece(digest);
  if (status != StoreStatus::ok) return {status, {}};
  if (in_memory) return read_checked(digest, piece);
  if (piece.length == 0) return {StoreStatus::ok, Slice()};
  ::posix_fadvise(piece.file->fd(), 0, 0, POSIX_FADV_WILLNEED);
  return {StoreStatus::ok, FileSlice{std::move(piece.file), 0, piece.length}};
}

PieceStore::OpenPieceResult PieceStore::open_piece(const Digest& digest) {
  if (auto known = open_files_.find(digest)) return {std::move(*known), StoreStatus::ok};
  const auto stands = standing(digest);
  // A piece that another process has put is found too. And a sync may move a file from the first
  // place to the second while we look, never back.
  const bool durable = !stands || *stands == Standing::durable;
  auto result = OpenPieceResult{{}, StoreStatus::not_held};
  if (!durable) result = open_at(incoming_->piece_path(digest));
  if (result.status == StoreStatus::not_held) result = open_at(layout_.piece_path(digest));
  if (result.status == StoreStatus::ok) open_files_.insert(digest, result.piece);
  if (result.status == StoreStatus::not_held && stands) forget(digest, false);
  return result;
}

PieceStore::OpenPieceResult PieceStore::open_at(const std::string& path) {
  auto file = open_file(path, O_RDONLY | O_NOFOLLOW);
  if (file.error_number == EMFILE && open_files_.clear()) {
    file = open_file(path, O_RDONLY | O_NOFOLLOW);
  }
  if (!file.fd) return {{}, open_failed(path, file.error_number)};
  struct stat there {};
  if (::fstat(file.fd.get(), &there) != 0) return {{}, open_failed(path, errno)};
  if (!S_ISREG(there.st_mode) || there.st_size > int64_t{layout_.piece_size().bytes()}) {
    return {{}, StoreStatus::not_held};
  }
  return {
      {std::make_shared<const OpenFile>(std::move(file.fd)), static_cast<uint32_t>(there.st_size)},
      StoreStatus::ok};
}

StoreStatus PieceStore::open_failed(const std::string& path, int error_number) {
  if (error_number == ENOENT) return StoreStatus::not_held;
  return failed("open", path, error_number);
}

Loaded PieceStore::read_checked(const Digest& digest, const OpenedPiece& piece) {
  auto block = std::make_shared<Block>(piece.length);
  const auto read = pread_fully(piece.file->fd(), block->writable(), 0);
  if (read.error_number != 0) {
    return {failed("read", layout_.piece_path(digest), read.error_number), {}};
  }
  Slice bytes(std::move(block), 0, read.bytes);
  if (sha256_zero_filled(bytes.bytes(), layout_.piece_size().bytes() - bytes.size()) != digest) {
    forget(digest, true);
    return {};
  }
  return {StoreStatus::ok, std::move(bytes)};
}

void PieceStore::forget(const Digest& digest, bool remove) {
  open_files_.erase(digest);
  {
    const std::lock_guard lock(mutex_);
    held_.erase(digest);
    unsynced_.erase(std::remove(unsynced_.begin(), unsynced_.end(), digest), unsynced_.end());
  }
  if (!remove) return;
  ::unlink(layout_.piece_path(digest).c_str());
  ::unlink(incoming_->piece_path(digest).c_str());
}

uint64_t PieceStore::drop(const Digest& digest) {
  const uint64_t bytes = size_on_disk(digest);
  forget(digest, true);
  return bytes;
}

uint64_t PieceStore::size_on_disk(const Digest& digest) const {
  struct stat there {};
  constexpr uint64_t kStatBlock = 512;
  const bool found = ::lstat(layout_.piece_path(digest).c_str(), &there) == 0;
  return found ? static_cast<uint64_t>(there.st_blocks) * kStatBlock : 0;
}

StoreStatus PieceStore::sync() {
  const std::lock_guard one_at_a_time(sync_mutex_);
  std::vector<Digest> batch;
  {
    const std::lock_guard lock(mutex_);
    batch.swap(unsynced_);
    being_synced_.insert(batch.begin(), batch.end());
  }
  if (batch.empty()) return StoreStatus::ok;
  sync_status_ = StoreStatus::ok;
  write_suspects_again(batch);
  const auto moved = move_in(make_durable(std::move(batch)));
  int error_number = layout_.sync_names(moved, incoming_->fd());
  if (error_number == 0) error_number = sync_folder(incoming_->path());
  if (error_number != 0) sync_failed("sync", layout_.folder(), error_number);
  {
    const std::lock_guard lock(mutex_);
    being_synced_.clear();
  }
  written_.notify_all();
  return sync_status_;
}

void PieceStore::write_suspects_again(const std::vector<Digest>& batch) {
  for (const auto& digest : batch) {
    if (standing(digest) != Standing::suspect) continue;
    const auto piece = load(digest, true);
    // A piece that is bad by now is forgotten; one that can't be written stays suspect.
    if (piece.status != StoreStatus::ok) continue;
    const int error_number = incoming_->write(digest, std::get<Slice>(piece.bytes).bytes());
    if (error_number != 0) {
      sync_failed("write", incoming_->piece_path(digest), error_number);
      continue;
    }
    const std::lock_guard lock(mutex_);
    held_[digest] = Standing::incoming;
  }
}

std::vector<Digest> PieceStore::make_durable(std::vector<Digest> batch) {
  const auto ready = std::partition(batch.begin(), batch.end(), [&](const Digest& digest) {
    return standing(digest) == Standing::incoming;
  });
  for (auto left = ready; left != batch.end(); ++left) {
    if (standing(*left)) leave_for_next_sync(*left, Standing::suspect);
  }
  batch.erase(ready, batch.end());
  if (batch.size() <= kSyncEachPieceMax) return make_each_durable(batch);
  if (::syncfs(incoming_->fd()) == 0) return batch;
  sync_failed("sync", incoming_->path(), errno);
  for (const auto& digest : batch) leave_for_next_sync(digest, Standing::suspect);
  return {};
}

std::vector<Digest> PieceStore::make_each_durable(const std::vector<Digest>& batch) {
  std::vector<Digest> durable;
  for (const auto& digest : batch) {
    const std::string path = incoming_->piece_path(digest);
    const auto file = open_file(path, O_RDONLY | O_NOFOLLOW);
    const int error_number = file.fd ? sync_data(file.fd.get()) : file.error_number;
    if (error_number == 0) {
      durable.push_back(digest);
    } else {
      sync_failed("sync", path, error_number);
      leave_for_next_sync(digest, Standing::suspect);
    }
  }
  return durable;
}

std::vector<Digest> PieceStore::move_in(const std::vector<Digest>& durable) {
  std::vector<Digest> moved;
  for (const auto& digest : durable) {
    const int error_number = layout_.move_in(incoming_->piece_path(digest), digest);
    if (error_number == 0) {
      moved.push_back(digest);
      const std::lock_guard lock(mutex_);
      held_[digest] = Standing::durable;
    } else {
      sync_failed("write", layout_.piece_path(digest), error_number);
      // Whoever removes files by hand removes the pieces in them.
      if (error_number == ENOENT) {
        forget(digest, false);
      } else {
        leave_for_next_sync(digest, Standing::incoming);
      }
    }
  }
  return moved;
}

void PieceStore::leave_for_next_sync(const Digest& digest, Standing standing) {
  const std::lock_guard lock(mutex_);
  held_[digest] = standing;
  unsynced_.push_back(digest);
}

std::optional<PieceStore::Standing> PieceStore::standing(const Digest& digest) const {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(digest);
  if (found == held_.end()) return std::nullopt;
  return found->second;
}

StoreStatus PieceStore::look_for_others() {
  const auto scan = layout_.scan();
  if (scan.error_number != 0) return failed("list", layout_.folder(), scan.error_number);
  const std::lock_guard lock(mutex_);
  for (const auto& digest : scan.pieces) held_.emplace(digest, Standing::durable);
  return StoreStatus::ok;
}

std::vector<Digest> PieceStore::held() const {
  const std::lock_guard lock(mutex_);
  std::vector<Digest> digests;
  digests.reserve(held_.size());
  for (const auto& [digest, standing] : held_) digests.push_back(digest);
  std::sort(digests.begin(), digests.end());
  return digests;
}

FileError PieceStore::last_error() const {
  const std::lock_guard lock(mutex_);
  return last_error_;
}

StoreStatus PieceStore::failed(std::string_view doing, const std::string& path, int error_number) {
  auto error = file_error(doing, path, error_number);
  const auto status = status_of(error_number);
  const std::lock_guard lock(mutex_);
  last_error_ = std::move(error);
  return status == StoreStatus::no_space ? status : StoreStatus::io_error;
}

void PieceStore::sync_failed(std::string_view doing, const std::string& path, int error_number) {
  sync_status_ = failed(doing, path, error_number);
}

}  // namespace p2p::io_linux
