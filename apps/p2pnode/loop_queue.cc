#include "apps/p2pnode/loop_queue.h"

#include <sys/eventfd.h>

#include <utility>

namespace p2p::app {

LoopQueue::LoopQueue(io_linux::EpollWorld& world)
    : world_(world), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  world_.add_watch(wake_.get(), [this] { run(); });
}

LoopQueue::~LoopQueue() { world_.remove_watch(wake_.get()); }

void LoopQueue::post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  static_cast<void>(eventfd_write(wake_.get(), 1));
}

void LoopQueue::run() {
  eventfd_t ignored = 0;
  static_cast<void>(eventfd_read(wake_.get(), &ignored));
  std::vector<std::function<void()>> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
  }
  for (const auto& task : tasks) task();
}

}  // namespace p2p::app
