// Descriptors, the clock and entropy.
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

#include "io_linux/clock.h"
#include "io_linux/entropy.h"
#include "io_linux/fd.h"

namespace p2p::io_linux {
namespace {

TEST(Fd, ClosesWhatItHeldWhenItTakesAnother) {
  const int first = ::eventfd(0, EFD_CLOEXEC);
  Fd fd(first);
  fd = Fd(::eventfd(0, EFD_CLOEXEC));
  EXPECT_EQ(::write(first, "12345678", 8), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_TRUE(fd);
}

TEST(Fd, LeavesErrnoAloneWhenItCloses) {
  Fd fd(::eventfd(0, EFD_CLOEXEC));
  errno = ENOSPC;
  fd.reset();
  EXPECT_EQ(errno, ENOSPC);
}

TEST(Fd, RaisesTheSoftLimitOfDescriptorsToTheHardOne) {
  const unsigned long raised = raise_descriptor_limit();
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
  EXPECT_EQ(limit.rlim_cur, raised);
}

TEST(Clock, NeverGoesBack) {
  Time last = clock_now();
  for (int i = 0; i < 1000; ++i) {
    const Time now = clock_now();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(Entropy, GivesDifferentNumbers) { EXPECT_NE(random_u64(), random_u64()); }

}  // namespace
}  // namespace p2p::io_linux
