#include "io_linux/workers.h"

#include <utility>

#include "engine/base/check.h"

namespace p2p::io_linux {

Workers::Workers(unsigned threads, std::shared_ptr<CompletionQueue> completions)
    : completions_(std::move(completions)) {
  P2P_CHECK(threads >= 1);
  threads_.reserve(threads);
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

Workers::~Workers() { stop(); }

void Workers::submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void Workers::stop() {
  std::deque<Job> dropped;  // destroyed here, on the loop's thread
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(jobs_);
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Workers::run() {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (stopping_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    Event event = job();
    completions_->push({std::move(event), std::move(job)});
  }
}

}  // namespace p2p::io_linux
