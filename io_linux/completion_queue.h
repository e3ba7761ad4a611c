// Finished work on its way from other threads to the loop.
//
// A completion carries the event, and the job that made it: the job's captures, among them its
// references to shared bytes, are destroyed by whoever takes the completion, which is the loop's
// thread. So the reference counts of shared blocks change on that thread alone, and what the engine
// sees does not depend on how threads are scheduled.
#pragma once

#include <deque>
#include <functional>
#include <mutex>

#include "engine/core/event.h"
#include "io_linux/fd.h"

namespace p2p::io_linux {

// Runs on a worker's thread; what it captures belongs to it alone. Throws nothing.
using Job = std::function<Event()>;

struct Completion {
  Event event;
  Job job;
};

// Unbounded by itself: what is under way is bounded by the engine's budgets.
class CompletionQueue {
 public:
  CompletionQueue();

  // Any thread.
  void push(Completion completion);
  // Readable (an eventfd) while completions wait.
  int ready_fd() const { return ready_.get(); }
  // The loop's thread: all that wait, in the order in which they came; resets ready_fd().
  std::deque<Completion> take_all();

 private:
  Fd ready_;
  std::mutex mutex_;
  std::deque<Completion> waiting_;
};

}  // namespace p2p::io_linux
