#include "io_sim/net/event_queue.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace p2p::sim {

namespace {

constexpr size_t kArity = 4;

}  // namespace

void EventQueue::at(Time when, Task task) {
  P2P_CHECK(when >= now_);
  heap_.push_back({when, ++serial_, task});
  sift_up(heap_.size() - 1);
}

std::optional<Task> EventQueue::pop(Time limit) {
  if (soon_first_ < soon_.size()) {
    const Task task = soon_[soon_first_++];
    if (soon_first_ == soon_.size()) {
      soon_.clear();
      soon_first_ = 0;
    }
    return task;
  }
  if (heap_.empty() || heap_.front().when > limit) {
    now_ = std::max(now_, limit);
    return std::nullopt;
  }
  now_ = heap_.front().when;
  const Task task = heap_.front().task;
  heap_.front() = heap_.back();
  heap_.pop_back();
  if (!heap_.empty()) sift_down(0);
  return task;
}

void EventQueue::sift_up(size_t i) {
  const Due due = heap_[i];
  while (i > 0) {
    const size_t parent = (i - 1) / kArity;
    if (!due.before(heap_[parent])) break;
    heap_[i] = heap_[parent];
    i = parent;
  }
  heap_[i] = due;
}

void EventQueue::sift_down(size_t i) {
  const Due due = heap_[i];
  for (;;) {
    const size_t first = i * kArity + 1;
    if (first >= heap_.size()) break;
    const size_t end = std::min(first + kArity, heap_.size());
    size_t least = first;
    for (size_t child = first + 1; child < end; ++child) {
      if (heap_[child].before(heap_[least])) least = child;
    }
    if (!heap_[least].before(due)) break;
    heap_[i] = heap_[least];
    i = least;
  }
  heap_[i] = due;
}

}  // namespace p2p::sim
