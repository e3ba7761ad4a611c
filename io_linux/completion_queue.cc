#include "io_linux/completion_queue.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

#include "engine/base/check.h"

namespace p2p::io_linux {

CompletionQueue::CompletionQueue() : ready_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  P2P_CHECK(ready_);
}

void CompletionQueue::push(Completion completion) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = waiting_.empty();
    waiting_.push_back(std::move(completion));
  }
  // Who finds the queue empty rings; those behind it are taken with it.
  if (!first) return;
  const uint64_t one = 1;
  P2P_CHECK(::write(ready_.get(), &one, sizeof one) == sizeof one);
}

std::deque<Completion> CompletionQueue::take_all() {
  // The bell first: what is pushed after the swap rings again.
  uint64_t rung = 0;
  [[maybe_unused]] const ssize_t got = ::read(ready_.get(), &rung, sizeof rung);
  std::deque<Completion> taken;
  const std::lock_guard lock(mutex_);
  taken.swap(waiting_);
  return taken;
}

}  // namespace p2p::io_linux
