#include "io_linux/store/store_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

namespace p2p::io_linux {

StoreLock::Result StoreLock::take(const std::string& data_dir, StoreUse use) {
  const int error_number = make_folders(data_dir);
  if (error_number != 0) {
    return {StoreLock(Fd()), file_error("create", data_dir, error_number)};
  }
  const std::string path = data_dir + "/lock";
  Opened file = open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
  if (!file.fd) return {StoreLock(Fd()), file_error("open", path, file.error_number)};
  const int how = use == StoreUse::alone ? LOCK_EX : LOCK_SH;
  while (::flock(file.fd.get(), how | LOCK_NB) != 0) {
    if (errno != EINTR) return {StoreLock(Fd()), file_error("lock", path, errno)};
  }
  return {StoreLock(std::move(file.fd)), {}};
}

std::optional<FileError> StoreLock::become(StoreUse use) {
  const int how = use == StoreUse::alone ? LOCK_EX | LOCK_NB : LOCK_SH;
  int error_number = 0;
  while (::flock(fd_.get(), how) != 0) {
    error_number = errno;
    if (error_number == EINTR) continue;
    // The kernel has taken the lock that was held (flock(2)).
    if (use == StoreUse::alone) static_cast<void>(become(StoreUse::shared));
    return file_error("lock", "the store", error_number);
  }
  return std::nullopt;
}

}  // namespace p2p::io_linux
