// Looking names up beside the loop. No test asks a name server.
#include "io_linux/resolver.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <latch>
#include <map>
#include <memory>
#include <thread>

namespace p2p::io_linux::net_resolver_test {
namespace {

Endpoint endpoint(const char* text) { return *Endpoint::parse(text); }

std::map<uint64_t, Resolved> take(CompletionQueue& queue, size_t count) {
  std::map<uint64_t, Resolved> answers;
  while (answers.size() < count) {
    pollfd ready{queue.ready_fd(), POLLIN, 0};
    if (::poll(&ready, 1, 30'000) != 1) break;
    for (const Completion& completion : queue.take_all()) {
      const auto& answer = std::get<Resolved>(completion.event);
      answers[answer.op.value] = answer;
    }
  }
  return answers;
}

TEST(Resolver, AnswersAddressesInFiguresAtOnce) {
  auto queue = std::make_shared<CompletionQueue>();
  Resolver resolver(queue, [](const HostPort&) -> Lookup { return {{}, "was asked"}; });
  resolver.resolve(OpId{1}, {"::1", 8100});
  resolver.resolve(OpId{2}, {"192.0.2.7", 52197});
  const auto completions = queue->take_all();
  ASSERT_EQ(completions.size(), 2U);
  EXPECT_EQ(std::get<Resolved>(completions[0].event).endpoints,
            std::vector{endpoint("[::1]:8100")});
  EXPECT_EQ(std::get<Resolved>(completions[1].event).endpoints,
            std::vector{endpoint("192.0.2.7:52197")});
}

TEST(Resolver, SaysWhyANameIsNotKnown) {
  auto queue = std::make_shared<CompletionQueue>();
  Resolver resolver(queue, [](const HostPort& name) -> Lookup {
    return {{}, name.host + " is not known"};
  });
  resolver.resolve(OpId{1}, {"nowhere", 1});
  auto answers = take(*queue, 1);
  EXPECT_TRUE(answers[1].endpoints.empty());
  EXPECT_EQ(answers[1].error, "nowhere is not known");
}

// A plain function pointer reaches these. A thread that hangs may outlive the test that made them,
// so it holds them itself.
std::shared_ptr<std::latch> hanging;
std::shared_ptr<std::latch> all_hang;

Lookup hang_for_the_dead(const HostPort& name) {
  if (name.host == "dead") {
    const auto end = hanging;
    const auto begun = all_hang;
    begun->count_down();
    end->wait();
    return {{}, "timed out"};
  }
  return {{Endpoint{Address::loopback(), name.port}}, {}};
}

TEST(Resolver, OneDeadNameDoesNotHoldUpTheOthers) {
  hanging = std::make_shared<std::latch>(1);
  all_hang = std::make_shared<std::latch>(1);
  auto queue = std::make_shared<CompletionQueue>();
  Resolver resolver(queue, &hang_for_the_dead);
  resolver.resolve(OpId{1}, {"dead", 1});
  all_hang->wait();
  for (uint64_t op = 2; op <= 11; ++op) resolver.resolve(OpId{op}, {"alive", 7});
  auto answers = take(*queue, 10);
  EXPECT_EQ(answers.size(), 10U);
  EXPECT_EQ(answers.count(1), 0U);
  EXPECT_EQ(answers[11].endpoints, std::vector{endpoint("[::1]:7")});
  hanging->count_down();
  EXPECT_EQ(take(*queue, 1)[1].error, "timed out");
}

TEST(Resolver, ManyDeadNamesTakeNoMoreThreadsThanItMayHave) {
  hanging = std::make_shared<std::latch>(1);
  all_hang = std::make_shared<std::latch>(Resolver::kThreadsMax);
  auto queue = std::make_shared<CompletionQueue>();
  Resolver resolver(queue, &hang_for_the_dead);
  for (uint64_t op = 1; op <= Resolver::kThreadsMax; ++op) resolver.resolve(OpId{op}, {"dead", 1});
  all_hang->wait();
  resolver.resolve(OpId{99}, {"alive", 7});
  EXPECT_TRUE(queue->take_all().empty());
  hanging->count_down();
  EXPECT_EQ(take(*queue, Resolver::kThreadsMax + 1).count(99), 1U);
}

TEST(Resolver, GoesWithoutWaitingForALookUpUnderWay) {
  hanging = std::make_shared<std::latch>(1);
  all_hang = std::make_shared<std::latch>(1);
  auto queue = std::make_shared<CompletionQueue>();
  const std::weak_ptr<CompletionQueue> alive = queue;
  {
    Resolver resolver(std::move(queue), &hang_for_the_dead);
    resolver.resolve(OpId{1}, {"dead", 1});
    all_hang->wait();
  }
  // The thread keeps what it needs, and lets go of it.
  hanging->count_down();
  while (!alive.expired()) std::this_thread::yield();
}

TEST(ResolveBlocking, FindsTheAddressOfThisMachineByName) {
  const Lookup found = resolve_blocking({"localhost", 8100});
  if (found.endpoints.empty()) GTEST_SKIP() << "this machine does not know localhost";
  for (const Endpoint& one : found.endpoints) {
    EXPECT_TRUE(one.address.is_loopback()) << one.text();
    EXPECT_EQ(one.port, 8100);
  }
}

}  // namespace
}  // namespace p2p::io_linux::net_resolver_test
