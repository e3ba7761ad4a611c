// What other threads want done on the loop's.
//
// Thread rule: post() may be called on any thread; all else belongs to the loop's.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "io_linux/epoll_world.h"
#include "io_linux/fd.h"

namespace p2p::app {

class LoopQueue {
 public:
  // `world` outlives the queue.
  explicit LoopQueue(io_linux::EpollWorld& world);
  ~LoopQueue();
  LoopQueue(const LoopQueue&) = delete;
  LoopQueue& operator=(const LoopQueue&) = delete;

  // Calls it soon, in the order of the posts. Not after the queue is gone.
  void post(std::function<void()> task);

 private:
  void run();

  io_linux::EpollWorld& world_;
  io_linux::Fd wake_;
  std::mutex mutex_;
  std::vector<std::function<void()>> tasks_;
};

}  // namespace p2p::app
