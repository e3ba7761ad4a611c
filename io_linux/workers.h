// Threads for what would block the loop: hashing and disk.
//
// submit() and stop() belong to the loop's thread; jobs run on the pool's, begun in the order in
// which they were submitted, several at a time. Results come through the CompletionQueue.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "io_linux/completion_queue.h"

namespace p2p::io_linux {

class Workers {
 public:
  // Requires threads >= 1. Signals that the creator has blocked are blocked in the threads too.
  Workers(unsigned threads, std::shared_ptr<CompletionQueue> completions);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void submit(Job job);
  // Jobs that have begun are finished, and their completions are in the queue; those that have not
  // are dropped; all threads are joined. submit() after it drops the job.
  void stop();

 private:
  void run();

  std::shared_ptr<CompletionQueue> completions_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace p2p::io_linux
