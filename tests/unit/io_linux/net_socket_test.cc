// Sockets, endpoints, and the listening socket.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <thread>

#include "io_linux/listener.h"
#include "io_linux/socket.h"

namespace p2p::io_linux::net_socket_test {
namespace {

Endpoint endpoint(const char* text) { return *Endpoint::parse(text); }

SocketBuffers kernel_tuned() { return {SocketBufferPolicy{std::nullopt}, {}}; }

// A blocking client that is connected to `to`.
Fd connect_to(const Endpoint& to) {
  NewSocket socket = make_tcp_socket();
  const auto address = to_socket_address(to, socket.family);
  if (::connect(socket.fd.get(), address->get(), address->length) != 0) {
    EXPECT_EQ(errno, EINPROGRESS);
    pollfd ready{socket.fd.get(), POLLOUT, 0};
    EXPECT_EQ(::poll(&ready, 1, 30'000), 1);
    EXPECT_EQ(socket_error(socket.fd.get()), 0);
  }
  return std::move(socket.fd);
}

// From here on socket(AF_INET6, ...) fails for this thread as in a kernel without IPv6. False when
// the kernel does not let us.
bool forget_ipv6_in_this_thread() {
  constexpr auto kNumber = offsetof(seccomp_data, nr);
  constexpr auto kFamily =
      offsetof(seccomp_data, args);  // its lower half on little-endian machines
  std::array<sock_filter, 6> program{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kNumber),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kFamily),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

TEST(SocketAddress, KeepsAnEndpointThroughBothFamilies) {
  const Endpoint v4 = endpoint("192.0.2.7:52197");
  const Endpoint v6 = endpoint("[2001:db8::5]:8100");
  for (const Endpoint& one : {v4, v6}) {
    const auto address = to_socket_address(one, AF_INET6);
    ASSERT_TRUE(address);
    EXPECT_EQ(to_endpoint(address->get(), address->length), one);
  }
  const auto plain = to_socket_address(v4, AF_INET);
  ASSERT_TRUE(plain);
  EXPECT_EQ(to_endpoint(plain->get(), plain->length), v4);
}

TEST(SocketAddress, AnIPv4SocketTakesNoIPv6AddressButTheUnspecifiedOne) {
  EXPECT_FALSE(to_socket_address(endpoint("[2001:db8::5]:8100"), AF_INET));
  const auto any = to_socket_address(endpoint("[::]:8100"), AF_INET);
  ASSERT_TRUE(any);
  EXPECT_EQ(to_endpoint(any->get(), any->length), endpoint("0.0.0.0:8100"));
}

TEST(SocketAddress, OtherFamiliesAreNoEndpoint) {
  sockaddr other{};
  other.sa_family = AF_UNIX;
  EXPECT_FALSE(to_endpoint(&other, sizeof other));
}

TEST(NetErrorOf, SaysWhatPeopleWantToKnow) {
  EXPECT_EQ(to_net_error(ECONNREFUSED), NetError::refused);
  EXPECT_EQ(to_net_error(ECONNRESET), NetError::reset);
  EXPECT_EQ(to_net_error(EPIPE), NetError::reset);
  EXPECT_EQ(to_net_error(ETIMEDOUT), NetError::timed_out);
  EXPECT_EQ(to_net_error(ENETUNREACH), NetError::unreachable);
  EXPECT_EQ(to_net_error(EMFILE), NetError::out_of_descriptors);
  EXPECT_EQ(to_net_error(EIO), NetError::other);
}

TEST(Listener, TakesAPortOfTheKernelsChoiceAndNamesIt) {
  auto buffers = kernel_tuned();
  const ListenResult listening = listen_on(endpoint("[::1]:0"), buffers);
  ASSERT_EQ(listening.error_number, 0) << listening.error;
  EXPECT_NE(listening.local.port, 0);
  EXPECT_EQ(listening.local.address, Address::loopback());
}

TEST(Listener, AcceptsIPv4AndIPv6OnOneSocket) {
  auto buffers = kernel_tuned();
  const ListenResult listening = listen_on(endpoint("[::]:0"), buffers);
  ASSERT_EQ(listening.error_number, 0) << listening.error;
  for (const char* host : {"::1", "127.0.0.1"}) {
    const Endpoint to{*Address::parse(host), listening.local.port};
    const Fd client = connect_to(to);
    const AcceptResult accepted = accept_from(listening.fd.get());
    ASSERT_EQ(accepted.status, AcceptResult::Status::accepted);
    EXPECT_EQ(accepted.local, to);
    EXPECT_EQ(accepted.remote, local_endpoint(client.get()));
    EXPECT_EQ(accepted.local, remote_endpoint(client.get()));
    int no_delay = 0;
    socklen_t length = sizeof no_delay;
    ::getsockopt(accepted.fd.get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &length);
    EXPECT_EQ(no_delay, 1);
    EXPECT_NE(::fcntl(accepted.fd.get(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(accepted.fd.get(), F_GETFD) & FD_CLOEXEC, 0);
  }
  EXPECT_EQ(accept_from(listening.fd.get()).status, AcceptResult::Status::none_waiting);
}

TEST(Listener, WithoutIPv6ListensAndConnectsOverIPv4) {
  bool filtered = false;
  std::thread([&filtered] {
    filtered = forget_ipv6_in_this_thread();
    if (!filtered) return;
    auto buffers = kernel_tuned();
    const ListenResult listening = listen_on(endpoint("[::]:0"), buffers);
    ASSERT_EQ(listening.error_number, 0) << listening.error;
    EXPECT_EQ(listening.local.address, Address::v4(0, 0, 0, 0));
    const Endpoint to{Address::v4(127, 0, 0, 1), listening.local.port};
    const Fd client = connect_to(to);
    const AcceptResult accepted = accept_from(listening.fd.get());
    ASSERT_EQ(accepted.status, AcceptResult::Status::accepted);
    EXPECT_EQ(accepted.local, to);
    EXPECT_EQ(accepted.remote, local_endpoint(client.get()));

    const ListenResult v6 = listen_on(endpoint("[::1]:0"), buffers);
    EXPECT_EQ(v6.error, "cannot listen on [::1]:0: this machine has no IPv6");
  }).join();
  if (!filtered) GTEST_SKIP() << "needs seccomp filters";
}

TEST(Listener, APortInUseIsSaidInASentence) {
  auto buffers = kernel_tuned();
  const ListenResult first = listen_on(endpoint("[::1]:0"), buffers);
  const ListenResult second = listen_on(first.local, buffers);
  EXPECT_EQ(second.error_number, EADDRINUSE);
  EXPECT_FALSE(second.fd);
  EXPECT_EQ(second.error, "cannot listen on " + first.local.text() +
                              ": another program listens there already; stop it, or choose another "
                              "port");
}

TEST(Listener, AnAddressThatIsNotThisMachinesIsSaidInASentence) {
  auto buffers = kernel_tuned();
  const ListenResult result = listen_on(endpoint("192.0.2.7:0"), buffers);
  EXPECT_EQ(result.error_number, EADDRNOTAVAIL);
  EXPECT_EQ(result.error, "cannot listen on 192.0.2.7:0: this machine has no such address");
}

TEST(Listener, IsStarvedWhileDescriptorsAreOutAndAcceptsAfterwards) {
  auto buffers = kernel_tuned();
  const ListenResult listening = listen_on(endpoint("[::1]:0"), buffers);
  const Fd client = connect_to(listening.local);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const Fd next_free(::dup(client.get()));
  const rlimit none_left{static_cast<rlim_t>(next_free.get()) + 1, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none_left), 0);
  const AcceptResult starved = accept_from(listening.fd.get());
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(starved.status, AcceptResult::Status::starved);
  EXPECT_EQ(starved.error_number, EMFILE);
  EXPECT_EQ(accept_from(listening.fd.get()).status, AcceptResult::Status::accepted);
}

TEST(StarvationNotice, IsSaidOnceAMinute) {
  StarvationNotice notice;
  const Time start = Time::from_ns(5);
  const auto first = notice.at(start, EMFILE);
  ASSERT_TRUE(first);
  EXPECT_NE(first->find("ulimit -n"), std::string::npos) << *first;
  EXPECT_FALSE(notice.at(start + Duration::seconds(59), EMFILE));
  EXPECT_TRUE(notice.at(start + Duration::seconds(60), ENFILE));
}

}  // namespace
}  // namespace p2p::io_linux::net_socket_test
