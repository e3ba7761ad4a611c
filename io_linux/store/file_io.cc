#include "io_linux/store/file_io.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "io_linux/error_text.h"

namespace p2p::io_linux {

namespace {

iovec part(std::span<const std::byte> bytes) {
  // writev takes what it only reads as not const.
  return {const_cast<std::byte*>(bytes.data()), bytes.size()};
}

bool same_file(int fd, const std::string& path) {
  struct stat of_fd {};
  struct stat of_path {};
  return ::fstat(fd, &of_fd) == 0 && ::lstat(path.c_str(), &of_path) == 0 &&
         of_fd.st_dev == of_path.st_dev && of_fd.st_ino == of_path.st_ino;
}

}  // namespace

FileError file_error(std::string_view doing, const std::string& path, int error_number) {
  std::string text = "cannot ";
  text.append(doing).append(" ").append(path);
  text.append(": ").append(error_text(error_number));
  return {error_number, std::move(text)};
}

StoreStatus status_of(int error_number) {
  switch (error_number) {
    case 0:
      return StoreStatus::ok;
    case ENOENT:
      return StoreStatus::not_held;
    case ENOSPC:
    case EDQUOT:
      return StoreStatus::no_space;
    default:
      return StoreStatus::io_error;
  }
}

Opened open_file(const std::string& path, int flags, unsigned mode) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, static_cast<mode_t>(mode));
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return {Fd(), errno};
  return {Fd(fd), 0};
}

int write_fully(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return EIO;
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return 0;
}

int pwrite_fully(int fd, std::span<const std::byte> bytes, uint64_t length, uint64_t offset) {
  P2P_CHECK(bytes.size() <= length);
  while (length > 0) {
    const auto zeros = zero_bytes(length - bytes.size());
    const std::array<iovec, 2> parts{part(bytes), part(zeros)};
    const ssize_t written = ::pwritev(fd, parts.data(), 2, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return EIO;
    const auto count = static_cast<uint64_t>(written);
    bytes = count < bytes.size() ? bytes.subspan(static_cast<size_t>(count))
                                 : std::span<const std::byte>();
    length -= count;
    offset += count;
  }
  return 0;
}

ReadBytes pread_fully(int fd, std::span<std::byte> out, uint64_t offset) {
  ReadBytes result;
  while (result.bytes < out.size()) {
    const auto rest = out.subspan(result.bytes);
    const ssize_t got =
        ::pread(fd, rest.data(), rest.size(), static_cast<off_t>(offset + result.bytes));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) result.error_number = errno;
    if (got <= 0) break;
    result.bytes += static_cast<size_t>(got);
  }
  return result;
}

int sync_data(int fd) {
  while (::fdatasync(fd) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

int close_file(Fd fd) {
  // Linux has closed the descriptor even when it says EINTR.
  return ::close(fd.release()) != 0 && errno != EINTR ? errno : 0;
}

int sync_folder(const std::string& path) {
  const auto folder = open_file(path, O_RDONLY | O_DIRECTORY);
  if (!folder.fd) return folder.error_number;
  while (::fsync(folder.fd.get()) != 0) {
    // Some filesystems have nothing to sync in a folder, and say so.
    if (errno == EINVAL || errno == EROFS) return 0;
    if (errno != EINTR) return errno;
  }
  return 0;
}

std::string folder_of(const std::string& path) {
  const auto end = path.find_last_not_of('/');
  if (end == std::string::npos) return path.empty() ? "." : "/";
  const auto slash = path.find_last_of('/', end);
  if (slash == std::string::npos) return ".";
  const auto last = path.find_last_not_of('/', slash);
  return last == std::string::npos ? "/" : path.substr(0, last + 1);
}

int make_folders(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return sync_folder(folder_of(path));
  if (errno == EEXIST) {
    struct stat there {};
    if (::stat(path.c_str(), &there) != 0) return errno;
    return S_ISDIR(there.st_mode) ? 0 : ENOTDIR;
  }
  if (errno != ENOENT || folder_of(path) == path) return errno;
  const int error_number = make_folders(folder_of(path));
  if (error_number != 0) return error_number;
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return errno;
  return sync_folder(folder_of(path));
}

int rename_file(const std::string& from, const std::string& to) {
  return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

Opened open_locked(const std::string& path, int flags, unsigned mode) {
  while (true) {
    auto file = open_file(path, flags | O_NOFOLLOW, mode);
    if (!file.fd) return file;
    while (::flock(file.fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EINTR) return {Fd(), errno};
    }
    // Between the two calls its last owner may have renamed or removed it.
    if (same_file(file.fd.get(), path)) return file;
  }
}

}  // namespace p2p::io_linux
