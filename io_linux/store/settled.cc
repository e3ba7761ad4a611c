#include "io_linux/store/settled.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <csignal>
#include <cstdint>
#include <ctime>

namespace p2p::io_linux {

namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
// The slowest clock of a kernel ticks every 10 ms.
constexpr int64_t kLongPastNs = 100'000'000;

bool is_long_past(int64_t changed_ns, int64_t now_ns) {
  return changed_ns % kSecondNs != 0 && now_ns - changed_ns > kLongPastNs;
}

bool notes_writes_through_mappings(int fd) {
  struct statfs system {};
  if (::fstatfs(fd, &system) != 0) return false;
  switch (static_cast<uint32_t>(system.f_type)) {
    case EXT4_SUPER_MAGIC:
    case BTRFS_SUPER_MAGIC:
    case F2FS_SUPER_MAGIC:
    case XFS_SUPER_MAGIC:
      return true;
    default:
      return false;
  }
}

bool has_no_writer(int fd) {
  // A writer that comes now is announced by a signal. The usual one would end the process; this one
  // is ignored.
  if (::fcntl(fd, F_SETSIG, SIGURG) != 0) return false;
  if (::fcntl(fd, F_SETLEASE, F_RDLCK) != 0) return false;
  static_cast<void>(::fcntl(fd, F_SETLEASE, F_UNLCK));
  return true;
}

}  // namespace

int64_t real_time_ns() {
  struct timespec now {};
  return ::clock_gettime(CLOCK_REALTIME, &now) == 0 ? int64_t{now.tv_sec} * kSecondNs + now.tv_nsec
                                                    : 0;
}

bool is_settled(int fd, const FileVersion& version, int64_t now_ns) {
  return is_long_past(version.changed_ns, now_ns) && notes_writes_through_mappings(fd) &&
         has_no_writer(fd) && version_of(fd) == version;
}

}  // namespace p2p::io_linux
