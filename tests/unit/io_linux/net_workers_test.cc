// Worker threads and the queue that brings their results back.
#include <gtest/gtest.h>
#include <poll.h>

#include <latch>
#include <memory>
#include <thread>
#include <vector>

#include "io_linux/completion_queue.h"
#include "io_linux/workers.h"

namespace p2p::io_linux::net_workers_test {
namespace {

uint64_t op_of(const Event& event) { return std::get<StoreSynced>(event).op.value; }

void await(const CompletionQueue& queue) {
  pollfd ready{queue.ready_fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&ready, 1, 30'000), 1);
}

std::vector<uint64_t> take(CompletionQueue& queue, size_t count) {
  std::vector<uint64_t> ops;
  while (ops.size() < count) {
    await(queue);
    for (const Completion& completion : queue.take_all()) ops.push_back(op_of(completion.event));
  }
  return ops;
}

TEST(Workers, OneThreadAnswersJobsInTheOrderOfTheirSubmission) {
  auto queue = std::make_shared<CompletionQueue>();
  Workers workers(1, queue);
  std::vector<uint64_t> expected;
  for (uint64_t i = 1; i <= 100; ++i) {
    workers.submit([i] { return StoreSynced{OpId{i}, StoreStatus::ok}; });
    expected.push_back(i);
  }
  EXPECT_EQ(take(*queue, 100), expected);
}

TEST(Workers, TwoThreadsRunTwoJobsAtOnce) {
  auto queue = std::make_shared<CompletionQueue>();
  Workers workers(2, queue);
  std::latch both(2);  // neither job ends before both have begun
  for (uint64_t i = 1; i <= 2; ++i) {
    workers.submit([i, &both] {
      both.arrive_and_wait();
      return StoreSynced{OpId{i}, StoreStatus::ok};
    });
  }
  EXPECT_EQ(take(*queue, 2).size(), 2U);
}

TEST(Workers, AJobsCapturesAreDestroyedByWhoTakesItsCompletion) {
  auto queue = std::make_shared<CompletionQueue>();
  Workers workers(2, queue);
  std::thread::id destroyed_by;
  auto capture = std::shared_ptr<int>(new int(1), [&destroyed_by](const int* p) {
    destroyed_by = std::this_thread::get_id();
    delete p;
  });
  const std::weak_ptr<int> alive = capture;
  workers.submit([capture = std::move(capture)] { return StoreSynced{OpId{1}, StoreStatus::ok}; });
  await(*queue);
  {
    const auto completions = queue->take_all();
    EXPECT_EQ(completions.size(), 1U);
    EXPECT_FALSE(alive.expired());
  }
  EXPECT_TRUE(alive.expired());
  EXPECT_EQ(destroyed_by, std::this_thread::get_id());
}

TEST(Workers, StopFinishesWhatHasBegunAndDropsTheRest) {
  auto queue = std::make_shared<CompletionQueue>();
  Workers workers(1, queue);
  std::latch begun(1);
  std::latch go_on(1);
  workers.submit([&] {
    begun.count_down();
    go_on.wait();
    return StoreSynced{OpId{1}, StoreStatus::ok};
  });
  bool second_ran = false;
  workers.submit([&] {
    second_ran = true;
    return StoreSynced{OpId{2}, StoreStatus::ok};
  });
  begun.wait();
  std::thread releaser([&] { go_on.count_down(); });
  workers.stop();
  releaser.join();
  // The releaser may be late or early: the second job has run only if the first ended before stop()
  // took what was waiting.
  const auto ops = take(*queue, 1);
  EXPECT_EQ(ops.front(), 1U);
  EXPECT_EQ(ops.size() == 2, second_ran);
}

TEST(Workers, WhatIsSubmittedAfterStopIsDropped) {
  auto queue = std::make_shared<CompletionQueue>();
  Workers workers(2, queue);
  workers.stop();
  workers.submit([] { return StoreSynced{OpId{1}, StoreStatus::ok}; });
  EXPECT_TRUE(queue->take_all().empty());
}

TEST(CompletionQueue, IsReadableExactlyWhileSomethingWaits) {
  CompletionQueue queue;
  pollfd ready{queue.ready_fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&ready, 1, 0), 0);
  queue.push({StoreSynced{OpId{1}, StoreStatus::ok}, {}});
  queue.push({StoreSynced{OpId{2}, StoreStatus::ok}, {}});
  EXPECT_EQ(::poll(&ready, 1, 0), 1);
  EXPECT_EQ(queue.take_all().size(), 2U);
  EXPECT_EQ(::poll(&ready, 1, 0), 0);
}

}  // namespace
}  // namespace p2p::io_linux::net_workers_test
