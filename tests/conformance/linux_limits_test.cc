// What only the Linux world has: descriptors that run out, files that shrink, descriptors and
// timers of the application, signals, and a loop that sleeps when there is nothing to do.
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <ctime>
#include <memory>

#include "engine/core/drive.h"
#include "io_linux/clock.h"
#include "io_linux/signals.h"
#include "io_linux/socket.h"
#include "io_linux/stored_file.h"
#include "tests/conformance/linux_net.h"

namespace p2p::conformance {
namespace {

using io_linux::Fd;

// Leaves the process without a free descriptor for as long as it lives.
class NoDescriptors {
 public:
  NoDescriptors() {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    const Fd lowest_free(::dup(STDERR_FILENO));
    set(static_cast<rlim_t>(lowest_free.get()));
  }
  ~NoDescriptors() { set(before_.rlim_cur); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  void set(rlim_t soft) const {
    const rlimit limit{soft, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  }
  rlimit before_{};
};

Fd begin_connect(const Endpoint& to) {
  io_linux::NewSocket socket = io_linux::make_tcp_socket();
  const auto address = io_linux::to_socket_address(to, socket.family);
  const int done = ::connect(socket.fd.get(), address->get(), address->length);
  EXPECT_TRUE(done == 0 || errno == EINPROGRESS);
  return std::move(socket.fd);
}

Duration thread_cpu_time() {
  timespec time{};
  EXPECT_EQ(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time), 0);
  return Duration::nanoseconds(int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec);
}

// Waits a quarter of a second of idleness; returns how much of it the processor was used.
Duration cpu_time_of_idling(LinuxNet::Node& node) {
  const Time end = node.now() + Duration::milliseconds(250);
  const Duration before = thread_cpu_time();
  while (node.now() < end) node.step(end);
  return thread_cpu_time() - before;
}

constexpr Duration kHardlyAny = Duration::milliseconds(100);

TEST(LinuxWorld, OutOfDescriptorsItSaysSoOnceSleepsAndAcceptsWhenOneIsFree) {
  LinuxNet net;
  // The one worker has done something before descriptors run out: UndefinedBehaviorSanitizer looks
  // at objects of a type that is new to it through a pipe, and takes them for broken without one.
  auto& node = net.add_node(1);
  node.engine.act(HashPiece{OpId{1}, {}, 1});
  ASSERT_TRUE(run_until(net, [&] { return !node.engine.events_of<PieceHashed>().empty(); }));
  const Fd first = begin_connect(node.endpoint);
  ASSERT_TRUE(run_until(net, [&] { return node.engine.accepted().size() == 1; }));
  const Fd second = begin_connect(node.endpoint);
  {
    const NoDescriptors none;
    ASSERT_TRUE(run_until(net, [&] { return !node.engine.events_of<AcceptStarved>().empty(); }));
    EXPECT_LT(cpu_time_of_idling(node), kHardlyAny);
    EXPECT_EQ(node.engine.accepted().size(), 1U);
    ASSERT_EQ(node.warnings.size(), 1U);
    EXPECT_NE(node.warnings.front().find("Too many open files"), std::string::npos);

    const ConnId dial = node.engine.dial(node.endpoint);
    ASSERT_TRUE(run_until(net, [&] { return node.engine.link(dial).dial_failed.has_value(); }));
    EXPECT_EQ(node.engine.link(dial).dial_failed, NetError::out_of_descriptors);

    node.engine.close(node.engine.accepted().front());
    ASSERT_TRUE(run_until(net, [&] { return node.engine.accepted().size() == 2; }));
  }
  EXPECT_EQ(node.warnings.size(), 1U);
}

TEST(LinuxWorld, ADialWithoutARouteIsUnreachable) {
  LinuxNet net;
  auto& node = net.add_node();
  const ConnId conn = node.engine.dial(*Endpoint::parse("[::ffff:255.255.255.255]:1"));
  ASSERT_TRUE(run_until(net, [&] { return node.engine.link(conn).dial_failed.has_value(); }));
  EXPECT_EQ(node.engine.link(conn).dial_failed, NetError::unreachable);
}

TEST(LinuxWorld, AFileThatWasCutShortClosesTheConnection) {
  LinuxNet net;
  auto& sender = net.add_node();
  auto& receiver = net.add_node();
  const ConnId conn = sender.engine.dial(receiver.endpoint);
  ASSERT_TRUE(run_until(net, [&] { return sender.engine.link(conn).open; }));
  auto slice = std::get<FileSlice>(LinuxNet::stored(std::string(1000, 'x')));
  slice.length = 5000;
  sender.engine.send(conn, slice);
  ASSERT_TRUE(run_until(net, [&] { return !sender.engine.link(conn).ends.empty(); }));
  EXPECT_EQ(sender.engine.link(conn).ends, std::vector{NetError::other});
  EXPECT_EQ(sender.engine.link(conn).out_bytes, 1000U);
}

TEST(LinuxWorld, SleepsWhileNothingHappens) {
  LinuxNet net;
  auto& node = net.add_node();
  EXPECT_LT(cpu_time_of_idling(node), kHardlyAny);
}

TEST(LinuxWorld, AHangUpThatNobodyIsInterestedInWakesNobody) {
  LinuxNet net;
  auto& node = net.add_node();
  node.engine.reads_accepted = false;
  Fd client = begin_connect(node.endpoint);
  ASSERT_TRUE(run_until(net, [&] { return node.engine.accepted().size() == 1; }));
  const ConnId conn = node.engine.accepted().front();
  node.engine.send(conn, "unread by the client, so that it resets");
  ASSERT_TRUE(run_until(net, [&] { return node.engine.link(conn).out.empty(); }));
  client.reset();
  EXPECT_LT(cpu_time_of_idling(node), kHardlyAny);
  EXPECT_TRUE(node.engine.link(conn).ends.empty());
}

TEST(LinuxWorld, AHalfClosedConnectionThatStaysOpenWakesNobody) {
  LinuxNet net;
  auto& node = net.add_node();
  const Fd client = begin_connect(node.endpoint);
  ASSERT_TRUE(run_until(net, [&] { return node.engine.accepted().size() == 1; }));
  ASSERT_EQ(::shutdown(client.get(), SHUT_WR), 0);
  const ConnId conn = node.engine.accepted().front();
  ASSERT_TRUE(run_until(net, [&] { return !node.engine.link(conn).ends.empty(); }));
  EXPECT_LT(cpu_time_of_idling(node), kHardlyAny);
}

TEST(LinuxWorld, PostedEventsComeInOrderAndFirst) {
  LinuxNet net;
  auto& node = net.add_node();
  node.world.post(CancelFetch{FetchId{1}});
  node.world.post(CancelFetch{FetchId{2}});
  ASSERT_TRUE(run_until(net, [&] { return node.engine.events_of<CancelFetch>().size() == 2; }));
  EXPECT_EQ(node.engine.events_of<CancelFetch>()[0].fetch, FetchId{1});
  EXPECT_EQ(node.engine.events_of<CancelFetch>()[1].fetch, FetchId{2});
}

TEST(LinuxWorld, AWatchCallsBackAsLongAsThereIsSomethingToRead) {
  LinuxNet net;
  auto& node = net.add_node();
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const Fd out(ends[0]);
  const Fd in(ends[1]);
  std::string got;
  ASSERT_TRUE(node.world.add_watch(out.get(), [&] {
    char one = 0;
    ASSERT_EQ(::read(out.get(), &one, 1), 1);
    got += one;
    if (got == "abc") node.world.remove_watch(out.get());
  }));
  ASSERT_EQ(::write(in.get(), "abcd", 4), 4);
  ASSERT_TRUE(run_until(net, [&] { return got == "abc"; }));
  net.step();
  EXPECT_EQ(got, "abc");
}

TEST(LinuxWorld, AWatchTellsThatTheReaderOfAPipeHasGone) {
  LinuxNet net;
  auto& node = net.add_node();
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  Fd reader(ends[0]);
  const Fd writer(ends[1]);
  bool gone = false;
  const auto on_gone = [&] {
    gone = true;
    node.world.remove_watch(writer.get());
  };
  ASSERT_TRUE(node.world.add_watch(writer.get(), on_gone, io_linux::EpollWorld::WatchFor::its_end));
  net.step();
  EXPECT_FALSE(gone);
  reader.reset();
  EXPECT_TRUE(run_until(net, [&] { return gone; }));
}

TEST(LinuxWorld, AnOrdinaryFileCannotBeWatched) {
  LinuxNet net;
  const Fd file(::memfd_create("file", MFD_CLOEXEC));
  EXPECT_FALSE(net.add_node().world.add_watch(file.get(), [] {}));
}

TEST(LinuxWorld, ATimerCallsBackUntilItIsRemoved) {
  LinuxNet net;
  auto& node = net.add_node();
  int calls = 0;
  io_linux::EpollWorld::TimerId timer;
  timer = node.world.add_timer(Duration::milliseconds(1), [&] {
    if (++calls == 3) node.world.remove_timer(timer);
  });
  EXPECT_TRUE(run_until(net, [&] { return calls == 3; }));
  EXPECT_LT(cpu_time_of_idling(node), kHardlyAny);
  EXPECT_EQ(calls, 3);
}

TEST(LinuxWorld, ASignalReachesTheApplicationThroughTheLoop) {
  io_linux::Signals signals;
  LinuxNet net;
  auto& node = net.add_node();
  std::optional<int> got;
  ASSERT_TRUE(node.world.add_watch(signals.fd(), [&] {
    got = signals.take();
    node.world.stop();
  }));
  ASSERT_EQ(::pthread_kill(::pthread_self(), SIGINT), 0);
  while (node.world.running() && net.patient()) net.step();
  EXPECT_EQ(got, SIGINT);
  EXPECT_FALSE(node.world.running());
}

TEST(LinuxWorld, ASecondListenerOnTheSamePortIsRefusedInASentence) {
  LinuxNet net;
  auto& node = net.add_node();
  const auto second = net.add_node().world.listen(node.endpoint);
  EXPECT_EQ(second.error_number, EADDRINUSE);
  EXPECT_NE(second.error.find("another program listens there already"), std::string::npos);
}

}  // namespace
}  // namespace p2p::conformance
