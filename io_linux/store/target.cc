#include "io_linux/store/target.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <utility>

#include "engine/base/bytes.h"
#include "engine/base/check.h"

namespace p2p::io_linux {

namespace {

// umask(2) can only be read by changing it, which other threads would see.
unsigned mode_of_new_files() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("Umask:", 0) == 0) {
      return 0666U & ~static_cast<unsigned>(std::stoul(line.substr(6), nullptr, 8));
    }
  }
  return 0644U;
}

// Whether two files have the same bytes. `fd` is one of them; a path that can't be read differs.
bool same_bytes(int fd, const std::string& path) {
  const auto other = open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  struct stat a {};
  struct stat b {};
  if (!other.fd || ::fstat(fd, &a) != 0 || ::fstat(other.fd.get(), &b) != 0) return false;
  if (!S_ISREG(b.st_mode) || a.st_size != b.st_size) return false;
  constexpr size_t kStep = size_t{256} << 10;
  std::vector<std::byte> left(kStep);
  std::vector<std::byte> right(kStep);
  for (uint64_t offset = 0;; offset += kStep) {
    const auto from_left = pread_fully(fd, left, offset);
    const auto from_right = pread_fully(other.fd.get(), right, offset);
    if (from_left.error_number != 0 || from_right.error_number != 0) return false;
    if (from_left.bytes != from_right.bytes) return false;
    if (!std::equal(left.begin(), left.begin() + static_cast<ptrdiff_t>(from_left.bytes),
                    right.begin())) {
      return false;
    }
    if (from_left.bytes < kStep) return true;
  }
}

// rename(2) that fails with EEXIST, also on filesystems that know no RENAME_NOREPLACE.
int rename_to_free_name(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (::link(from.c_str(), to.c_str()) == 0) return ::unlink(from.c_str()) == 0 ? 0 : errno;
  if (errno != EPERM && errno != EOPNOTSUPP && errno != EMLINK) return errno;
  struct stat there {};
  return ::lstat(to.c_str(), &there) == 0 ? EEXIST : rename_file(from, to);
}

}  // namespace

Target::Target(std::string path, PieceSize piece_size, Fd fd)
    : path_(std::move(path)),
      part_path_(path_ + ".part"),
      piece_size_(piece_size),
      file_(std::make_shared<const OpenFile>(std::move(fd))),
      final_mode_(mode_of_new_files()) {}

Target::OpenResult Target::open(const std::string& path, PieceSize piece_size) {
  OpenResult result;
  const std::string part = path + ".part";
  // A pipe of that name must not make open(2) wait for its other end.
  auto file = open_locked(part, O_CREAT | O_RDWR | O_NONBLOCK, 0600);
  if (file.error_number == EWOULDBLOCK) {
    result.error = {EWOULDBLOCK, part + " is being written by another process"};
    return result;
  }
  if (!file.fd) {
    result.error = file_error("open", part, file.error_number);
    return result;
  }
  return of_file(path, piece_size, std::move(file.fd));
}

Target::OpenResult Target::of_file(const std::string& path, PieceSize piece_size, Fd fd) {
  OpenResult result;
  struct stat there {};
  if (::fstat(fd.get(), &there) != 0) {
    result.error = file_error("open", path + ".part", errno);
  } else if (!S_ISREG(there.st_mode)) {
    result.error = {0, path + ".part is no regular file"};
  } else {
    result.existed = there.st_size > 0;
    result.target.reset(new Target(path, piece_size, std::move(fd)));
  }
  return result;
}

Target::OpenResult Target::adopt(const std::string& path, PieceSize piece_size, Fd fd) {
  OpenResult result;
  // To a file that is open for appending the kernel writes at its end, wherever one asks it to.
  const int flags = fd ? ::fcntl(fd.get(), F_GETFL) : -1;
  if (flags < 0 || (flags & O_ACCMODE) != O_RDWR || (flags & (O_APPEND | O_PATH)) != 0) {
    result.error = {0, path + ".part did not come open for reading and writing"};
    return result;
  }
  result = of_file(path, piece_size, std::move(fd));
  if (!result.target) return result;
  result.target->unlocks_ = true;
  result.target->check_what_is_sent();
  return result;
}

Target::~Target() {
  if (unlocks_) static_cast<void>(::flock(file_->fd(), LOCK_UN));
}

StoreStatus Target::reserve(uint64_t length) {
  struct stat there {};
  if (::fstat(file_->fd(), &there) != 0) return failed("look at", errno);
  if (length > kContentMax) return failed("make room in", EFBIG);
  const auto wanted = static_cast<off_t>(length);
  if (length == 0) return StoreStatus::ok;
  int error_number = sparse_ ? EOPNOTSUPP : 0;
  while (!sparse_) {
    error_number = ::fallocate(file_->fd(), 0, 0, wanted) == 0 ? 0 : errno;
    if (error_number != EINTR) break;
  }
  if (error_number == EOPNOTSUPP || error_number == ENOSYS) {
    if (there.st_size >= wanted) return StoreStatus::ok;
    error_number = ::ftruncate(file_->fd(), wanted) == 0 ? 0 : errno;
  }
  return error_number == 0 ? StoreStatus::ok : failed("make room in", error_number);
}

StoreStatus Target::put_at(const Digest& digest, std::span<const std::byte> bytes, uint64_t offset,
                           uint32_t length) {
  const uint32_t piece_bytes = piece_size_.bytes();
  P2P_CHECK(offset % piece_bytes == 0 && length <= piece_bytes && bytes.size() <= piece_bytes);
  if (finished_) return StoreStatus::not_held;
  bytes = bytes.first(length_without_trailing_zeros(bytes));
  // Of a piece with more in it than the extent takes, the extent does not hold all.
  const bool whole = bytes.size() <= length;
  if (!whole) bytes = bytes.first(length);
  forget_extent(offset);
  dirty_ = true;
  const int error_number = pwrite_fully(file_->fd(), bytes, length, offset);
  if (error_number != 0) return failed("write", error_number);
  if (whole) know(digest, {offset, length});
  return StoreStatus::ok;
}

bool Target::holds(const Digest& digest, uint64_t offset, uint32_t length) const {
  const std::lock_guard lock(mutex_);
  const auto found = extents_.find(offset);
  return found != extents_.end() && found->second.digest == digest &&
         found->second.length >= length;
}

std::vector<Digest> Target::held() const {
  std::vector<Digest> all;
  {
    const std::lock_guard lock(mutex_);
    all.reserve(locations_.size());
    for (const auto& [digest, location] : locations_) all.push_back(digest);
  }
  std::sort(all.begin(), all.end());
  return all;
}

Loaded Target::load(const Digest& digest, bool in_memory) {
  auto location = find(digest);
  if (in_memory || finished_ || checked_) {
    for (; location; location = find(digest)) {
      auto loaded = read_checked(digest, *location);
      if (loaded.status != StoreStatus::not_held) return loaded;
    }
  }
  if (!location) return {};
  ::posix_fadvise(file_->fd(), static_cast<off_t>(location->offset), location->length,
                  POSIX_FADV_WILLNEED);
  return {StoreStatus::ok, FileSlice{file_, location->offset, location->length}};
}

Loaded Target::read_checked(const Digest& digest, Location location) {
  auto block = std::make_shared<Block>(location.length);
  const auto read = pread_fully(file_->fd(), block->writable(), location.offset);
  if (read.error_number != 0) return {failed("read", read.error_number), {}};
  Slice bytes(std::move(block), 0, read.bytes);
  if (sha256_zero_filled(bytes.bytes(), piece_size_.bytes() - bytes.size()) != digest) {
    forget_extent(location.offset);
    return {};
  }
  return {StoreStatus::ok, std::move(bytes)};
}

StoreStatus Target::sync() {
  if (!dirty_.exchange(false)) return StoreStatus::ok;
  const std::lock_guard lock(syncing_);
  const int error_number = sync_data(file_->fd());
  if (error_number == 0) return StoreStatus::ok;
  doubtful_ = true;
  dirty_ = true;
  return failed("sync", error_number);
}

StoreStatus Target::write_inline(std::span<const std::byte> content) {
  dirty_ = true;
  const int error_number = pwrite_fully(file_->fd(), content, content.size(), 0);
  return error_number == 0 ? StoreStatus::ok : failed("write", error_number);
}

std::optional<FileError> Target::check_written() const {
  if (!doubtful_) return std::nullopt;
  return FileError{
      EIO, "the disk has failed to write " + part_path_ + "; starting again checks what it holds"};
}

std::optional<FileError> Target::seal(uint64_t length) {
  const std::lock_guard lock(syncing_);
  return seal_locked(length);
}

std::optional<FileError> Target::seal_locked(uint64_t length) {
  if (auto error = check_written()) return error;
  if (::ftruncate(file_->fd(), static_cast<off_t>(length)) != 0) {
    return file_error("give its length to", part_path_, errno);
  }
  if (::fsync(file_->fd()) != 0) {
    doubtful_ = true;
    return file_error("sync", part_path_, errno);
  }
  return std::nullopt;
}

std::optional<FileError> Target::finish(uint64_t length, bool overwrite) {
  P2P_CHECK(!finished_);
  const std::lock_guard lock(syncing_);
  if (auto error = check_written()) return error;
  if (::fchmod(file_->fd(), static_cast<mode_t>(final_mode_)) != 0) {
    return file_error("set the mode of", part_path_, errno);
  }
  if (auto error = seal_locked(length)) return error;
  auto error = take_name(overwrite);
  if (error) return error;
  finished_ = true;
  const int error_number = sync_folder(folder_of(path_));
  if (error_number != 0) return file_error("sync", folder_of(path_), error_number);
  return std::nullopt;
}

std::optional<FileError> Target::take_name(bool overwrite) {
  int error_number =
      overwrite ? rename_file(part_path_, path_) : rename_to_free_name(part_path_, path_);
  if (error_number == EEXIST) {
    if (!same_bytes(file_->fd(), path_)) {
      return FileError{
          EEXIST,
          path_ + " exists already, with other bytes; what was fetched is in " + part_path_};
    }
    error_number = ::unlink(part_path_.c_str()) == 0 ? 0 : errno;
  }
  if (error_number == 0) return std::nullopt;
  return file_error("rename " + part_path_ + " to", path_, error_number);
}

void Target::know(const Digest& digest, Location location) {
  const std::lock_guard lock(mutex_);
  extents_[location.offset] = {digest, location.length};
  locations_.try_emplace(digest, location);
}

void Target::forget_extent(uint64_t offset) {
  const std::lock_guard lock(mutex_);
  const auto known = extents_.find(offset);
  if (known == extents_.end()) return;
  const Digest digest = known->second.digest;
  extents_.erase(known);
  const auto location = locations_.find(digest);
  if (location == locations_.end() || location->second.offset != offset) return;
  locations_.erase(location);
  const auto other = std::find_if(extents_.begin(), extents_.end(), [&](const auto& extent) {
    return extent.second.digest == digest;
  });
  if (other == extents_.end()) return;
  locations_.emplace(digest, Location{other->first, other->second.length});
}

std::optional<Target::Location> Target::find(const Digest& digest) const {
  const std::lock_guard lock(mutex_);
  const auto found = locations_.find(digest);
  if (found == locations_.end()) return std::nullopt;
  return found->second;
}

FileError Target::last_error() const {
  const std::lock_guard lock(mutex_);
  return last_error_;
}

StoreStatus Target::failed(std::string_view doing, int error_number) {
  auto error = file_error(doing, part_path_, error_number);
  const auto status = status_of(error_number);
  const std::lock_guard lock(mutex_);
  last_error_ = std::move(error);
  return status == StoreStatus::no_space ? status : StoreStatus::io_error;
}

}  // namespace p2p::io_linux
