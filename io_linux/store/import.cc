#include "io_linux/store/import.h"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/content/tree.h"
#include "io_linux/store/content_source.h"

namespace p2p::io_linux {

namespace {

class Import {
 public:
  Import(const std::string& name, const ContentSource& source, PieceSize piece_size, Store* store,
         const ImportOptions& options)
      : name_(name),
        source_(source),
        piece_size_(piece_size),
        store_(store),
        options_(options),
        length_(source.length()) {}

  Imported run() {
    if (read() && check_unchanged() && sync()) {
      Imported imported;
      imported.status = Imported::Status::ok;
      imported.id = id_;
      imported.length = length_;
      imported.kind = source_.kind();
      if (options_.in_place) imported.in_place = places();
      imported.settled = settled_;
      return imported;
    }
    Imported imported;
    imported.status = failure_ ? Imported::Status::failed : Imported::Status::cancelled;
    imported.error = failure_.value_or(FileError{});
    imported.store_status = store_status_;
    return imported;
  }

 private:
  bool read() { return length_ <= inline_max(piece_size_) ? read_inline() : read_pieces(); }

  bool read_inline() {
    std::vector<std::byte> content(static_cast<size_t>(length_));
    if (!read_at(content, 0)) return false;
    const auto root = inline_root(piece_size_, content, source_.kind());
    id_ = root.digest;
    return put(root.digest, root.bytes.bytes());
  }

  bool read_pieces() {
    const uint64_t piece_bytes = piece_size_.bytes();
    digests_.resize(static_cast<size_t>((length_ + piece_bytes - 1) / piece_bytes));
    std::thread other([this] { take_pieces(false); });
    take_pieces(true);
    other.join();
    if (stopped_) return false;
    TreeBuilder builder(piece_size_, source_.kind());
    for (size_t i = 0; i < digests_.size(); ++i) {
      builder.add_data_piece(digests_[i], static_cast<uint32_t>(length_of(i)));
    }
    for (const auto& node : builder.finish()) {
      if (!put(node.digest, node.bytes.bytes())) return false;
      id_ = node.digest;
    }
    return true;
  }

  // Runs on both threads; they take turns at the pieces.
  void take_pieces(bool calling_thread) {
    std::vector<std::byte> buffer(piece_size_.bytes());
    while (!stopped_) {
      if (options_.cancel != nullptr && *options_.cancel) stopped_ = true;
      const size_t index = next_++;
      if (stopped_ || index >= digests_.size()) return;
      const auto bytes = std::span(buffer).first(static_cast<size_t>(length_of(index)));
      if (!read_at(bytes, index * uint64_t{piece_size_.bytes()})) return;
      digests_[index] = sha256_zero_filled(bytes, buffer.size() - bytes.size());
      if (!options_.in_place && !put(digests_[index], bytes)) return;
      done_ += bytes.size();
      if (calling_thread && options_.progress) options_.progress(done_, length_);
    }
  }

  bool read_at(std::span<std::byte> out, uint64_t offset) {
    auto got = source_.read(out, offset);
    if (got.error) return fail(std::move(*got.error));
    if (!got.settled) settled_ = false;
    return true;
  }

  bool put(const Digest& digest, std::span<const std::byte> bytes) {
    return store_ == nullptr || store_ok(store_->put(digest, bytes));
  }

  bool sync() { return store_ == nullptr || store_ok(store_->sync()); }

  bool store_ok(StoreStatus status) {
    if (status == StoreStatus::ok) return true;
    const bool full = status == StoreStatus::no_space;
    std::string text = "cannot keep the pieces of " + name_;
    text += full ? ": no space left on the disk" : ": the piece store failed";
    return fail({full ? ENOSPC : EIO, std::move(text)}, status);
  }

  bool check_unchanged() {
    auto error = source_.check_unchanged();
    return !error || fail(std::move(*error));
  }

  // The first failure is the one that is told.
  bool fail(FileError error, StoreStatus status = StoreStatus::ok) {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    if (failure_) return false;
    failure_ = std::move(error);
    store_status_ = status;
    return false;
  }

  std::vector<ContentPieces::Data> places() const {
    std::vector<ContentPieces::Data> places;
    places.reserve(digests_.size());
    for (size_t i = 0; i < digests_.size(); ++i) {
      places.push_back(
          {digests_[i], i * uint64_t{piece_size_.bytes()}, static_cast<uint32_t>(length_of(i))});
    }
    return places;
  }

  uint64_t length_of(size_t index) const {
    const uint64_t offset = index * uint64_t{piece_size_.bytes()};
    return std::min<uint64_t>(piece_size_.bytes(), length_ - offset);
  }

  const std::string& name_;
  const ContentSource& source_;
  const PieceSize piece_size_;
  Store* const store_;
  const ImportOptions& options_;
  const uint64_t length_;
  Digest id_;
  std::vector<Digest> digests_;  // each written by one thread
  std::atomic<size_t> next_{0};
  std::atomic<uint64_t> done_{0};
  std::atomic<bool> stopped_{false};
  std::atomic<bool> settled_{true};  // all that was read
  std::mutex mutex_;
  std::optional<FileError> failure_;
  StoreStatus store_status_ = StoreStatus::ok;
};

}  // namespace

Imported import_content(const std::string& path, PieceSize piece_size, Store* store,
                        const ImportOptions& options) {
  auto opened = open_source(path, piece_size, options.cancel, options.descriptor);
  Imported imported;
  if (opened.source) {
    imported = Import(path, *opened.source, piece_size, store, options).run();
    if (options.in_place) imported.source = std::move(opened.source);
    return imported;
  }
  imported.status = opened.cancelled ? Imported::Status::cancelled : Imported::Status::failed;
  imported.error = std::move(opened.error);
  return imported;
}

}  // namespace p2p::io_linux
