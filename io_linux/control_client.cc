#include "io_linux/control_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <optional>

#include "io_linux/clock.h"
#include "io_linux/control_socket.h"
#include "io_linux/error_text.h"

namespace p2p::io_linux {
namespace {

using ReplyStatus = ControlReply::Status;

// No node has so much to say; what is at the other end is none of ours.
constexpr size_t kLineMax = size_t{64} << 20;

ControlReply failed(const std::string& doing, int error_number) {
  return {ReplyStatus::failed, {}, doing + ": " + error_text(error_number), {}};
}

// Of the socket, or of the folder when it hides the socket.
std::optional<uid_t> owner_of(const std::string& data_dir) {
  struct stat there {};
  if (::stat(control_path(data_dir).c_str(), &there) == 0) return there.st_uid;
  if (::stat(data_dir.c_str(), &there) == 0) return there.st_uid;
  return std::nullopt;
}

ControlReply not_connected(const std::string& data_dir, int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
    case ECONNREFUSED:  // its node was killed
      return {ReplyStatus::no_node, {}, {}, {}};
    case EACCES:
    case EPERM:
      return {ReplyStatus::denied, {}, {}, owner_of(data_dir)};
    case EAGAIN:  // SO_SNDTIMEO passed while the queue was full
      return {ReplyStatus::timed_out, {}, {}, {}};
    default:
      return failed("cannot connect to " + control_path(data_dir), error_number);
  }
}

timeval to_timeval(Duration duration) {
  timeval value{};
  value.tv_sec = static_cast<time_t>(duration.count_s());
  value.tv_usec = static_cast<suseconds_t>(duration.count_ns() / 1000 % 1'000'000);
  return value;
}

// False: nothing came in time.
bool wait_readable(int fd, Time until) {
  while (true) {
    const int64_t left = std::clamp<int64_t>((until - clock_now()).count_ms(), 0, INT_MAX);
    pollfd one{fd, POLLIN, {}};
    const int count = ::poll(&one, 1, static_cast<int>(left));
    if (count > 0) return true;
    if (count == 0 || errno != EINTR) return false;
  }
}

ControlReply read_line(int fd, Time until) {
  std::string line;
  std::array<char, 65536> bytes;
  while (line.size() < kLineMax) {
    if (!wait_readable(fd, until)) return {ReplyStatus::timed_out, {}, {}, {}};
    const ssize_t count = ::recv(fd, bytes.data(), bytes.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("the node's answer broke off", errno);
    if (count == 0) return {ReplyStatus::failed, {}, "the node closed the connection unasked", {}};
    line.append(bytes.data(), static_cast<size_t>(count));
    if (line.back() != '\n') continue;
    line.pop_back();
    return {ReplyStatus::answered, std::move(line), {}, {}};
  }
  return {ReplyStatus::failed, {}, "the node's answer has no end", {}};
}

}  // namespace

ControlReply ask_node(const std::string& data_dir, std::string_view line, Duration timeout) {
  const Time until = clock_now() + timeout;
  const ControlAddress address = control_address(data_dir);
  if (address.error_number != 0) return not_connected(data_dir, address.error_number);
  const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return failed("cannot make a socket", errno);
  const timeval patience = to_timeval(timeout);
  static_cast<void>(::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience));
  if (::connect(fd.get(), address.get(), address.length) != 0) {
    return not_connected(data_dir, errno);
  }
  const std::string request = std::string(line) + "\n";
  const ssize_t sent = ::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(request.size())) {
    return failed("cannot ask the node", sent < 0 ? errno : EMSGSIZE);
  }
  return read_line(fd.get(), until);
}

}  // namespace p2p::io_linux
