#include "io_linux/transfer.h"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "engine/base/check.h"
#include "io_linux/socket.h"
#include "io_linux/stored_file.h"

namespace p2p::io_linux {
namespace {

bool would_block(int error_number) { return error_number == EAGAIN || error_number == EWOULDBLOCK; }

// The end of a transfer by an error of the kernel, after `moved` bytes.
Transfer ended(size_t moved, int error_number) {
  if (would_block(error_number)) return {moved, true, std::nullopt};
  if (error_number == EINTR) return {moved, false, std::nullopt};
  return {moved, false, to_net_error(error_number)};
}

// How much of the segments was taken, and whether to go on with the next.
struct Step {
  size_t taken_segments = 0;
  Transfer transfer;
  bool complete = false;  // all that was offered went out
};

// The memory segments at the front, in one system call.
Step send_memory(int socket, std::span<const Segment> segments, size_t limit) {
  std::array<iovec, kGatherMax> vectors{};
  size_t count = 0;
  size_t offered = 0;
  for (const Segment& segment : segments) {
    const auto* memory = std::get_if<std::span<const std::byte>>(&segment);
    if (memory == nullptr || offered == limit) break;
    const size_t part = std::min(memory->size(), limit - offered);
    // sendmsg reads only; its type says otherwise.
    vectors[count++] = {const_cast<std::byte*>(memory->data()), part};
    offered += part;
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  // A header waits for the file that follows it, to share its packet.
  const bool more = count < segments.size();
  const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
  if (sent < 0) return {0, ended(0, errno), false};
  const auto bytes = static_cast<size_t>(sent);
  return {count, {bytes, bytes < offered, std::nullopt}, bytes == offered};
}

Step send_file(int socket, const FileSegment& segment, size_t limit) {
  const auto* file = dynamic_cast<const OpenFile*>(segment.file);
  P2P_CHECK(file != nullptr);
  const auto offered = static_cast<size_t>(std::min<uint64_t>(segment.length, limit));
  auto offset = static_cast<off_t>(segment.offset);
  const ssize_t sent = ::sendfile(socket, file->fd(), &offset, offered);
  if (sent < 0) return {0, ended(0, errno), false};
  if (sent == 0) return {0, {0, false, NetError::other}, false};  // the file was cut short
  const auto bytes = static_cast<size_t>(sent);
  return {1, {bytes, false, std::nullopt}, bytes == offered};
}

}  // namespace

Transfer receive_some(int socket, const ReceiveWindow& window, size_t limit) {
  P2P_CHECK(window.size() > 0 && limit > 0);
  const size_t first = std::min(window.spans[0].size(), limit);
  const size_t second = std::min(window.spans[1].size(), limit - first);
  const std::array<iovec, 2> vectors{iovec{window.spans[0].data(), first},
                                     iovec{window.spans[1].data(), second}};
  const ssize_t got = ::readv(socket, vectors.data(), 2);
  if (got < 0) return ended(0, errno);
  if (got == 0) return {0, false, NetError::end_of_stream};
  const auto bytes = static_cast<size_t>(got);
  return {bytes, bytes < first + second, std::nullopt};
}

Transfer send_some(int socket, const GatherList& list, size_t limit) {
  P2P_CHECK(!list.empty() && limit > 0);
  Transfer total;
  auto left = list.view();
  while (!left.empty() && total.bytes < limit) {
    const size_t room = limit - total.bytes;
    const auto* file = std::get_if<FileSegment>(&left.front());
    const Step step =
        file != nullptr ? send_file(socket, *file, room) : send_memory(socket, left, room);
    total.bytes += step.transfer.bytes;
    total.blocked = step.transfer.blocked;
    total.error = step.transfer.error;
    if (!step.complete) break;
    left = left.subspan(step.taken_segments);
  }
  return total;
}

}  // namespace p2p::io_linux
