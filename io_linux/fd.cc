#include "io_linux/fd.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

namespace p2p::io_linux {

void Fd::reset(int fd) {
  const int old = std::exchange(fd_, fd);
  if (old < 0) return;
  const int saved = errno;
  // Not tried again after EINTR: Linux has let the descriptor go by then (close(2)).
  ::close(old);
  errno = saved;
}

unsigned long raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  rlimit raised = limit;
  raised.rlim_cur = raised.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &raised) != 0) return limit.rlim_cur;
  return raised.rlim_cur;
}

}  // namespace p2p::io_linux
