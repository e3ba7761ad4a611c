// How large the kernel's buffers become, with CAP_NET_ADMIN and without, and what is said about it.
#include "io_linux/socket_buffers.h"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <thread>
#include <vector>

#include "io_linux/socket.h"

namespace p2p::io_linux {
namespace {

constexpr uint32_t kMiB = uint32_t{1} << 20;

// This thread's effective capabilities without `capability`; threads have them each for itself.
bool drop_from_this_thread(unsigned capability) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return false;
  sets[capability / 32].effective &= ~(1U << (capability % 32));
  return ::syscall(SYS_capset, &header, sets.data()) == 0;
}

template <class Body>
void without_net_admin(Body body) {
  std::thread([&] {
    ASSERT_TRUE(drop_from_this_thread(CAP_NET_ADMIN));
    body();
  }).join();
}

uint32_t sysctl(const char* name) {
  uint32_t value = 0;
  std::ifstream(std::string("/proc/sys/net/core/") + name) >> value;
  return value;
}

TEST(SetBuffer, WithThePrivilegeGivesWhatIsAskedForBeyondTheLimit) {
  const NewSocket socket = make_tcp_socket();
  for (const auto which : {SocketBuffer::receive, SocketBuffer::send}) {
    const uint32_t asked = sysctl(which == SocketBuffer::receive ? "rmem_max" : "wmem_max") + kMiB;
    const BufferOutcome outcome = set_buffer(socket.fd.get(), which, asked);
    if (!outcome.forced) GTEST_SKIP() << "needs CAP_NET_ADMIN";
    EXPECT_EQ(outcome.asked, asked);
    EXPECT_EQ(outcome.got, asked);
  }
}

TEST(SetBuffer, WithoutThePrivilegeGivesTheLimitAndSaysSo) {
  without_net_admin([] {
    const NewSocket socket = make_tcp_socket();
    const uint32_t limit = sysctl("rmem_max");
    const BufferOutcome outcome = set_buffer(socket.fd.get(), SocketBuffer::receive, limit + kMiB);
    EXPECT_FALSE(outcome.forced);
    EXPECT_EQ(outcome.got, limit);
  });
}

TEST(BufferWarning, NamesTheBufferTheNumbersAndEveryRemedy) {
  const BufferOutcome receive{SocketBuffer::receive, 4 * kMiB, 212'992, false};
  const BufferOutcome send{SocketBuffer::send, 4 * kMiB, 4 * kMiB, false};
  EXPECT_EQ(
      buffer_warning(receive, send, "/usr/bin/p2pnode"),
      "the kernel gives sockets a receive buffer of 208 KiB where 4 MiB were asked for, so "
      "fast and distant peers are slower; type `sudo setcap cap_net_admin+ep "
      "/usr/bin/p2pnode` once, or run it with sudo, or type `sudo sysctl -w "
      "net.core.rmem_max=4194304`, or give --sockbuf auto to leave the buffers to the kernel");
}

TEST(BufferWarning, CoversBothBuffersInOneSentence) {
  const BufferOutcome receive{SocketBuffer::receive, 4 * kMiB, 212'992, false};
  const BufferOutcome send{SocketBuffer::send, 4 * kMiB, 1000, false};
  const auto text = buffer_warning(receive, send, "p2pnode");
  ASSERT_TRUE(text);
  EXPECT_NE(
      text->find("a receive buffer of 208 KiB where 4 MiB were asked for and a send buffer of "
                 "1000 bytes where 4 MiB were asked for"),
      std::string::npos);
  EXPECT_NE(text->find("net.core.rmem_max=4194304 net.core.wmem_max=4194304"), std::string::npos);
}

TEST(BufferWarning, IsNotThereWhenTheBuffersAreWhatWasAsked) {
  const BufferOutcome receive{SocketBuffer::receive, kMiB, kMiB, false};
  const BufferOutcome send{SocketBuffer::send, kMiB, 2 * kMiB, false};
  EXPECT_FALSE(buffer_warning(receive, send, "p2pnode"));
}

TEST(SocketBuffers, WarnOnceForAllSocketsOfTheProcess) {
  without_net_admin([] {
    std::vector<std::string> warnings;
    const uint32_t more = sysctl("rmem_max") + kMiB;
    SocketBuffers buffers({more}, [&](const std::string& text) { warnings.push_back(text); });
    for (int i = 0; i < 3; ++i) buffers.apply(make_tcp_socket().fd.get());
    EXPECT_EQ(warnings.size(), 1U);
  });
}

TEST(SocketBuffers, LeaveTheKernelAloneWhenToldTo) {
  std::vector<std::string> warnings;
  SocketBuffers buffers({std::nullopt}, [&](const std::string& text) { warnings.push_back(text); });
  const NewSocket touched = make_tcp_socket();
  const NewSocket other = make_tcp_socket();
  buffers.apply(touched.fd.get());
  const auto size_of = [](const NewSocket& socket) {
    int size = 0;
    socklen_t length = sizeof size;
    EXPECT_EQ(::getsockopt(socket.fd.get(), SOL_SOCKET, SO_RCVBUF, &size, &length), 0);
    return size;
  };
  EXPECT_EQ(size_of(touched), size_of(other));
  EXPECT_TRUE(warnings.empty());
}

}  // namespace
}  // namespace p2p::io_linux
