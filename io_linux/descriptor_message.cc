#include "io_linux/descriptor_message.h"

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

namespace p2p::io_linux {
namespace {

// Whoever sends more than this has the rest closed by the kernel.
constexpr size_t kDescriptorsMax = 4;

// The bytes of a message's control part, aligned as its header wants them.
template <size_t kDescriptors>
struct ControlPart {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kDescriptors * sizeof(int))> bytes{};
};

void take_descriptors(msghdr& message, Fd& descriptor) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(part) + i * sizeof(int), sizeof number);
      Fd taken(number);
      if (!descriptor) descriptor = std::move(taken);
    }
  }
}

}  // namespace

ssize_t send_with_descriptor(int socket, std::string_view bytes, int descriptor) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  ControlPart<1> control;
  if (descriptor >= 0) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  }
  return ::sendmsg(socket, &message, MSG_NOSIGNAL);
}

ssize_t receive_with_descriptor(int socket, std::span<char> bytes, Fd& descriptor) {
  iovec part{bytes.data(), bytes.size()};
  ControlPart<kDescriptorsMax> control;
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  const ssize_t count = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (count >= 0) take_descriptors(message, descriptor);
  return count;
}

}  // namespace p2p::io_linux
