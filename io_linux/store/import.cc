#include "io_linux/store/import.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/content/tree.h"

namespace p2p::io_linux {

namespace {

const char* why_no_file(mode_t mode) {
  if (S_ISDIR(mode)) return " is a directory: only files can be added";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return " is a device: only files can be added";
  if (S_ISFIFO(mode)) return " is a pipe: only files can be added";
  return " is no regular file: only files can be added";
}

bool same_version(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

class Import {
 public:
  Import(const std::string& path, PieceSize piece_size, Store* store, const ImportOptions& options)
      : path_(path), piece_size_(piece_size), store_(store), options_(options) {}

  Imported run() {
    if (open() && read() && check_unchanged() && sync()) {
      return {Imported::Status::ok, id_, length_, {}, StoreStatus::ok};
    }
    const auto status = failure_ ? Imported::Status::failed : Imported::Status::cancelled;
    return {status, {}, 0, failure_.value_or(FileError{}), store_status_};
  }

 private:
  bool open() {
    // A pipe must not make open(2) wait for its other end.
    auto file = open_file(path_, O_RDONLY | O_NONBLOCK);
    if (!file.fd) return fail(file_error("open", path_, file.error_number));
    file_ = std::move(file.fd);
    if (::fstat(file_.get(), &before_) != 0) return fail(file_error("look at", path_, errno));
    if (!S_ISREG(before_.st_mode)) return fail({0, path_ + why_no_file(before_.st_mode)});
    length_ = static_cast<uint64_t>(before_.st_size);
    if (length_ > kContentMax) return fail({EFBIG, path_ + " is too long to be shared"});
    ::posix_fadvise(file_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    return true;
  }

  bool read() { return length_ <= inline_max(piece_size_) ? read_inline() : read_pieces(); }

  bool read_inline() {
    std::vector<std::byte> content(static_cast<size_t>(length_));
    if (!read_at(content, 0)) return false;
    const auto root = inline_root(piece_size_, content);
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
    TreeBuilder builder(piece_size_);
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
      if (!put(digests_[index], bytes)) return;
      done_ += bytes.size();
      if (calling_thread && options_.progress) options_.progress(done_, length_);
    }
  }

  bool read_at(std::span<std::byte> out, uint64_t offset) {
    const auto got = pread_fully(file_.get(), out, offset);
    if (got.error_number != 0) return fail(file_error("read", path_, got.error_number));
    return got.bytes == out.size() || fail(changed());
  }

  bool put(const Digest& digest, std::span<const std::byte> bytes) {
    return store_ == nullptr || store_ok(store_->put(digest, bytes));
  }

  bool sync() { return store_ == nullptr || store_ok(store_->sync()); }

  bool store_ok(StoreStatus status) {
    if (status == StoreStatus::ok) return true;
    const bool full = status == StoreStatus::no_space;
    std::string text = "cannot keep the pieces of " + path_;
    text += full ? ": no space left on the disk" : ": the piece store failed";
    return fail({full ? ENOSPC : EIO, std::move(text)}, status);
  }

  bool check_unchanged() {
    struct stat after {};
    if (::fstat(file_.get(), &after) != 0) return fail(file_error("look at", path_, errno));
    return same_version(before_, after) || fail(changed());
  }

  FileError changed() const { return {0, path_ + " changed while it was read"}; }

  // The first failure is the one that is told.
  bool fail(FileError error, StoreStatus status = StoreStatus::ok) {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    if (failure_) return false;
    failure_ = std::move(error);
    store_status_ = status;
    return false;
  }

  uint64_t length_of(size_t index) const {
    const uint64_t offset = index * uint64_t{piece_size_.bytes()};
    return std::min<uint64_t>(piece_size_.bytes(), length_ - offset);
  }

  const std::string& path_;
  const PieceSize piece_size_;
  Store* const store_;
  const ImportOptions& options_;
  Fd file_;
  struct stat before_ {};
  uint64_t length_ = 0;
  Digest id_;
  std::vector<Digest> digests_;  // each written by one thread
  std::atomic<size_t> next_{0};
  std::atomic<uint64_t> done_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::optional<FileError> failure_;
  StoreStatus store_status_ = StoreStatus::ok;
};

}  // namespace

Imported import_file(const std::string& path, PieceSize piece_size, Store* store,
                     const ImportOptions& options) {
  return Import(path, piece_size, store, options).run();
}

}  // namespace p2p::io_linux
