#include "apps/p2psim/isolate.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <new>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "apps/common/output.h"
#include "apps/p2psim/real_time.h"
#include "engine/base/check.h"
#include "engine/base/quantity.h"

namespace p2p::sim::program {
namespace {

// The child's exit status where it is not a signal's.
constexpr int kReturned = 0;
constexpr int kRefused = 70;
constexpr int kThrew = 71;

struct Pipe {
  io_linux::Fd read;
  io_linux::Fd write;
};

[[noreturn]] void system_refuses(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

Pipe make_pipe() {
  std::array<int, 2> fds{};
  if (pipe2(fds.data(), O_CLOEXEC) != 0) system_refuses("a pipe to a child process");
  return {io_linux::Fd(fds[0]), io_linux::Fd(fds[1])};
}

// What a failed check of the engine is reported as too (engine/base/check.cc).
void report_exception(std::string_view what) {
  const std::string line = "what():  " + std::string(what) + "\n";
  static_cast<void>(app::write_all(STDERR_FILENO, std::as_bytes(std::span(line))));
}

int run_work(const Children::Work& work, int out) {
  std::string text;
  int status = kReturned;
  try {
    text = work();
  } catch (const Refusal& refusal) {
    text = refusal.sentence;
    status = kRefused;
  } catch (const std::bad_alloc&) {
    report_exception("there is not enough memory");
    return kThrew;
  } catch (const std::exception& exception) {
    report_exception(exception.what());
    return kThrew;
  }
  return app::write_all(out, std::as_bytes(std::span(text))) ? status : kThrew;
}

// In the child. SIGINT and SIGTERM stay blocked if they are: its parent ends it.
[[noreturn]] void be_child(pid_t parent, const Children::Work& work, int out, int err) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) _exit(kThrew);
  dup2(err, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  _exit(run_work(work, out));
}

// False at its end.
bool read_some(int fd, std::string& into, size_t keep_max) {
  std::array<char, 65536> buffer;
  const ssize_t got = read(fd, buffer.data(), buffer.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got == 0) return false;
  into.append(buffer.data(), static_cast<size_t>(got));
  if (into.size() > keep_max) into.erase(0, into.size() - keep_max);
  return true;
}

int wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) P2P_CHECK(errno == EINTR);
  return status;
}

std::string_view source_root() {
  constexpr std::string_view kHere = __FILE__;
  constexpr std::string_view kName = "apps/p2psim/isolate.cc";
  return kHere.substr(0, kHere.size() - kName.size());
}

std::string trimmed(std::string_view line) {
  const size_t first = line.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  const size_t last = line.find_last_not_of(" \t\r");
  std::string text(line.substr(first, last - first + 1));
  const std::string_view root = source_root();
  for (size_t at = 0; !root.empty() && (at = text.find(root, at)) != std::string::npos;) {
    text.erase(at, root.size());
  }
  return text;
}

// The last line that has `mark` in it: what follows the mark, or all of it.
std::string last_line_with(std::string_view said, std::string_view mark, bool from_behind_it) {
  const size_t at = said.rfind(mark);
  if (at == std::string_view::npos) return {};
  const size_t before = said.substr(0, at).rfind('\n');
  const size_t line = before == std::string_view::npos ? 0 : before + 1;
  const size_t from = from_behind_it ? at + mark.size() : line;
  return trimmed(said.substr(from, said.find('\n', at) - from));
}

struct Mark {
  std::string_view text;
  bool from_behind_it;
};
// In the order in which they are believed. The first is how the runtime, and report_exception(),
// end a line about an exception; then come the sanitizers and the standard library's own checks.
constexpr std::array<Mark, 5> kMarks = {{{"what():", true},
                                         {": runtime error: ", false},
                                         {"SUMMARY: ", true},
                                         {"Assertion '", false},
                                         {"terminate called", false}}};

std::string signal_text(int number) {
  return "signal " + std::to_string(number) + " (" + strsignal(number) + ")";
}

}  // namespace

std::string cause_of_death(const std::string& said, int wait_status) {
  for (const Mark& mark : kMarks) {
    std::string line = last_line_with(said, mark.text, mark.from_behind_it);
    if (!line.empty()) return line;
  }
  if (WIFSIGNALED(wait_status)) return signal_text(WTERMSIG(wait_status));
  return "exit status " + std::to_string(WEXITSTATUS(wait_status));
}

Children::Children(unsigned at_once, Duration limit, int wake_fd)
    : at_once_(at_once), limit_(limit), wake_fd_(wake_fd) {
  P2P_CHECK(at_once > 0);
}

Children::~Children() { end_from(0); }

void Children::start(uint64_t key, const Work& work) {
  P2P_CHECK(has_room());
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) system_refuses("a child process");
  if (pid == 0) be_child(parent, work, out.write.get(), err.write.get());
  Child child;
  child.key = key;
  child.pid = pid;
  child.out.fd = std::move(out.read);
  child.err.fd = std::move(err.read);
  child.err.keep_max = kSaidMax;
  child.started = real_now();
  running_.push_back(std::move(child));
}

std::optional<Ended> Children::wait(Duration patience) {
  const Time until = real_now() + patience;
  while (true) {
    if (auto ended = reap_one()) return ended;
    const Time now = real_now();
    if (now >= until) return std::nullopt;
    Duration next = until - now;
    for (Child& child : running_) {
      const Duration left = child.started + limit_ - now;
      if (left > Duration()) {
        next = std::min(next, left);
      } else if (!child.ended_by_us) {
        child.ended_by_us = true;
        kill(child.pid, SIGKILL);
      }
    }
    poll_for(next);
    pollfd wake{.fd = wake_fd_, .events = POLLIN, .revents = 0};
    if (wake_fd_ >= 0 && poll(&wake, 1, 0) == 1) return std::nullopt;
  }
}

// Waits until a descriptor has something, and reads it.
void Children::poll_for(Duration patience) {
  std::vector<pollfd> wanted;
  std::vector<Channel*> channels;
  for (Child& child : running_) {
    for (Channel* channel : {&child.out, &child.err}) {
      if (!channel->fd) continue;
      wanted.push_back({.fd = channel->fd.get(), .events = POLLIN, .revents = 0});
      channels.push_back(channel);
    }
  }
  wanted.push_back({.fd = wake_fd_, .events = POLLIN, .revents = 0});
  constexpr int64_t kPollMaxMs = 60'000;
  const auto wait_ms = static_cast<int>(std::min(patience.count_ms() + 1, kPollMaxMs));
  if (poll(wanted.data(), wanted.size(), wait_ms) <= 0) return;
  for (size_t i = 0; i < channels.size(); ++i) {
    if (wanted[i].revents == 0) continue;
    Channel& channel = *channels[i];
    if (!read_some(channel.fd.get(), channel.text, channel.keep_max)) channel.fd.reset();
  }
}

std::optional<Ended> Children::reap_one() {
  const auto ended = std::find_if(running_.begin(), running_.end(), [](const Child& child) {
    return !child.out.fd && !child.err.fd;
  });
  if (ended == running_.end()) return std::nullopt;
  Ended report = reap(*ended);
  running_.erase(ended);
  return report;
}

Ended Children::reap(Child& child) const {
  const int status = wait_for(child.pid);
  Ended ended;
  ended.key = child.key;
  ended.took = real_now() - child.started;
  if (WIFEXITED(status) && WEXITSTATUS(status) == kReturned) {
    ended.text = std::move(child.out.text);
  } else if (WIFEXITED(status) && WEXITSTATUS(status) == kRefused) {
    ended.ending = Ending::refused;
    ended.text = std::move(child.out.text);
  } else if (child.ended_by_us) {
    ended.ending = Ending::too_long;
    ended.text = "the run did not end within " + duration_text(limit_) + " of real time";
  } else {
    ended.ending = Ending::died;
    ended.text = cause_of_death(child.err.text, status);
  }
  return ended;
}

void Children::end_from(uint64_t key) {
  for (Child& child : running_) {
    if (child.key < key) continue;
    kill(child.pid, SIGKILL);
    wait_for(child.pid);
  }
  std::erase_if(running_, [key](const Child& child) { return child.key >= key; });
}

}  // namespace p2p::sim::program
