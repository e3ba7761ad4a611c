#include "io_linux/signals.h"

#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

#include "engine/base/check.h"

namespace p2p::io_linux {
namespace {

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

void ignore_sigpipe() { P2P_CHECK(std::signal(SIGPIPE, SIG_IGN) != SIG_ERR); }

Signals::Signals() {
  ignore_sigpipe();
  const sigset_t set = ending_signals();
  // A shell without job control starts background programs with SIGINT ignored. Blocked signals
  // are delivered all the same, but after release() it would be lost.
  P2P_CHECK(std::signal(SIGINT, SIG_DFL) != SIG_ERR);
  P2P_CHECK(std::signal(SIGTERM, SIG_DFL) != SIG_ERR);
  P2P_CHECK(::pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
  fd_ = Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  P2P_CHECK(fd_);
}

Signals::~Signals() { release(); }

std::optional<int> Signals::take() {
  signalfd_siginfo info{};
  if (::read(fd_.get(), &info, sizeof info) != sizeof info) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

void Signals::release() {
  if (released_) return;
  released_ = true;
  const sigset_t set = ending_signals();
  P2P_CHECK(::pthread_sigmask(SIG_UNBLOCK, &set, nullptr) == 0);
}

}  // namespace p2p::io_linux
