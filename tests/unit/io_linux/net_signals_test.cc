// Signals as a descriptor. They are sent to this thread alone: a test program has others.
#include "io_linux/signals.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace p2p::io_linux {
namespace {

TEST(Signals, ComeThroughTheDescriptorInsteadOfEndingTheProcess) {
  Signals signals;
  EXPECT_FALSE(signals.take());
  ASSERT_EQ(::pthread_kill(::pthread_self(), SIGTERM), 0);
  pollfd ready{signals.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&ready, 1, 30'000), 1);
  EXPECT_EQ(signals.take(), SIGTERM);
  ASSERT_EQ(::pthread_kill(::pthread_self(), SIGINT), 0);
  EXPECT_EQ(signals.take(), SIGINT);
  EXPECT_FALSE(signals.take());
}

TEST(SignalsDeathTest, EndTheProcessAgainOnceReleased) {
  EXPECT_EXIT(
      {
        Signals signals;
        signals.release();
        ::raise(SIGTERM);
      },
      ::testing::KilledBySignal(SIGTERM), "");
}

TEST(Signals, AWriteToABrokenConnectionIsAnErrorAndNoSignal) {
  const Signals signals;
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  const Fd kept(ends[0]);
  ::close(ends[1]);
  EXPECT_EQ(::write(kept.get(), "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
}

}  // namespace
}  // namespace p2p::io_linux
