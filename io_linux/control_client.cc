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
#include <utility>

#include "io_linux/clock.h"
#include "io_linux/control_socket.h"
#include "io_linux/descriptor_message.h"
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

struct Call {
  Fd fd;
  ControlReply failure;  // when there is no descriptor
};

Call call_node(const std::string& data_dir, Duration timeout) {
  const ControlAddress address = control_address(data_dir);
  if (address.error_number != 0) return {Fd(), not_connected(data_dir, address.error_number)};
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return {Fd(), failed("cannot make a socket", errno)};
  const timeval patience = to_timeval(timeout);
  static_cast<void>(::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience));
  if (::connect(fd.get(), address.get(), address.length) != 0) {
    return {Fd(), not_connected(data_dir, errno)};
  }
  return {std::move(fd), {}};
}

// nullopt: it went out.
std::optional<ControlReply> put_line(int fd, std::string_view line, int descriptor) {
  const std::string request = std::string(line) + "\n";
  const ssize_t sent = send_with_descriptor(fd, request, descriptor);
  if (sent == static_cast<ssize_t>(request.size())) return std::nullopt;
  return failed("cannot ask the node", sent < 0 ? errno : EMSGSIZE);
}

// False: the descriptor that stops it is readable.
bool wait_for_either(int fd, int stop) {
  while (true) {
    std::array<pollfd, 2> both{{{fd, POLLIN, {}}, {stop, POLLIN, {}}}};
    if (::poll(both.data(), both.size(), -1) < 0) {
      if (errno != EINTR) return false;
      continue;
    }
    if (both[1].revents != 0) return false;
    if (both[0].revents != 0) return true;
  }
}

enum class Heard { nothing, something, enough };

// Hands on the whole lines, and leaves what is behind the last newline.
Heard hand_on(std::string& text, const std::function<bool(std::string_view)>& on_line) {
  size_t begin = 0;
  for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    if (!on_line(std::string_view(text).substr(begin, end - begin))) return Heard::enough;
    begin = end + 1;
  }
  text.erase(0, begin);
  return begin > 0 ? Heard::something : Heard::nothing;
}

ControlErrandReply broken_off(int error_number) {
  return {failed("the node's answer broke off", error_number), false};
}

ControlErrandReply read_lines(int fd, const ControlErrand& errand) {
  std::string text;
  std::array<char, 65536> bytes;
  ControlErrandReply reply;
  reply.status = ReplyStatus::failed;
  reply.error = "the node closed the connection unasked";
  while (text.size() < kLineMax) {
    if (!wait_for_either(fd, errand.stop)) {
      return {{ReplyStatus::answered, {}, {}, {}}, true};
    }
    const ssize_t count = ::recv(fd, bytes.data(), bytes.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return broken_off(errno);
    if (count == 0) return reply;
    text.append(bytes.data(), static_cast<size_t>(count));
    const Heard heard = hand_on(text, errand.on_line);
    if (heard == Heard::nothing) continue;
    reply.status = ReplyStatus::answered;
    if (heard == Heard::enough) return reply;
  }
  reply.status = ReplyStatus::failed;
  reply.error = "the node's answer has no end";
  return reply;
}

}  // namespace

ControlReply ask_node(const std::string& data_dir, std::string_view line, Duration timeout) {
  const Time until = clock_now() + timeout;
  const Call call = call_node(data_dir, timeout);
  if (!call.fd) return call.failure;
  if (auto failure = put_line(call.fd.get(), line, -1)) return *failure;
  return read_line(call.fd.get(), until);
}

ControlErrandReply send_errand(const std::string& data_dir, const ControlErrand& errand) {
  const Call call = call_node(data_dir, errand.timeout);
  if (!call.fd) return {call.failure, false};
  if (auto failure = put_line(call.fd.get(), errand.line, errand.descriptor)) {
    return {*failure, false};
  }
  return read_lines(call.fd.get(), errand);
}

}  // namespace p2p::io_linux
