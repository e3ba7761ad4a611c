#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ostream>
#include <regex>
#include <stdexcept>

namespace p2p::testing {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

struct Pipe {
  int read = -1;
  int write = -1;
};

Pipe make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail("pipe2");
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return {ends[0], ends[1]};
}

std::vector<std::string> make_environment(const ProcessOptions& options) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::string text = *entry;
    bool replaced = false;
    for (const auto& [name, value] : options.environment) {
      replaced |= text.compare(0, name.size() + 1, name + "=") == 0;
    }
    if (!replaced) environment.push_back(text);
  }
  for (const auto& [name, value] : options.environment) environment.push_back(name + "=" + value);
  return environment;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

// Between fork and exec: only what is safe in a child of a program with threads.
[[noreturn]] void become(char* const* argv, char* const* environment, const ProcessOptions& options,
                         int out, int err, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(126);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  int null = open("/dev/null", O_RDONLY);
  if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) _exit(126);
  if (null > 2) close(null);
  if (!options.directory.empty() && chdir(options.directory.c_str()) != 0) _exit(126);
  if (options.open_files_max) {
    rlimit limit{*options.open_files_max, *options.open_files_max};
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) _exit(126);
  }
  execvpe(argv[0], argv, environment);
  static constexpr char kWhy[] = "cannot execute the program under test\n";
  [[maybe_unused]] ssize_t ignored = write(2, kWhy, sizeof kWhy - 1);
  _exit(127);
}

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

}  // namespace

std::string ExitStatus::text() const {
  return signal != 0 ? "signal " + std::to_string(signal) : "exit " + std::to_string(code);
}

std::ostream& operator<<(std::ostream& out, const ExitStatus& status) {
  return out << status.text();
}

Process::Process(std::vector<std::string> argv, const ProcessOptions& options)
    : argv_(std::move(argv)) {
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_ < 0) fail("eventfd");
  std::vector<std::string> environment = make_environment(options);
  std::vector<char*> environment_pointers = pointers(environment);
  std::vector<char*> argv_pointers = pointers(argv_);
  pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) {
    become(argv_pointers.data(), environment_pointers.data(), options, out.write, err.write,
           parent);
  }
  setpgid(pid_, pid_);  // in both, so that it is so before either goes on
  close(out.write);
  close(err.write);
  out_.fd = out.read;
  err_.fd = err.read;
  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (pidfd_ < 0) {
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    fail("pidfd_open");
  }
  // The kernel's parent-death signal follows the thread that forked, so it is this thread that
  // forks, and another that reads.
  reader_ = std::thread([this] { read_until_exit(); });
}

Process::~Process() {
  signal_group(SIGKILL);
  {
    std::lock_guard lock(mutex_);
    abandoned_ = true;
  }
  eventfd_write(wake_, 1);
  reader_.join();
  for (int fd : {out_.fd, err_.fd, pidfd_, wake_}) {
    if (fd >= 0) close(fd);
  }
}

// The group outlives its leader while a member lives, so it is signalled even after the child's
// end; the number can't have been given to another while the child is unreaped, or a member lives.
void Process::signal_group(int signal) {
  std::lock_guard lock(mutex_);
  if (!status_) ::kill(-pid_, signal);
}

void Process::read_until_exit() {
  bool exited = false;
  while (true) {
    pollfd watched[] = {
        {-1, POLLIN, 0}, {-1, POLLIN, 0}, {exited ? -1 : pidfd_, POLLIN, 0}, {wake_, POLLIN, 0}};
    {
      std::lock_guard lock(mutex_);
      if (!out_.ended) watched[0].fd = out_.fd;
      if (!err_.ended) watched[1].fd = err_.fd;
      if (exited && ((out_.ended && err_.ended) || abandoned_)) break;
    }
    if (poll(watched, 4, -1) < 0) continue;
    if (watched[3].revents != 0) {
      eventfd_t ignored = 0;
      eventfd_read(wake_, &ignored);
    }
    std::lock_guard lock(mutex_);
    exited |= watched[2].revents != 0;
    if (close_stdout_ && out_.fd >= 0) {
      close(out_.fd);
      out_.fd = -1;
      out_.ended = true;
      changed_.notify_all();
    }
    bool out_news = drain(out_);
    bool err_news = drain(err_);
    if (out_news || err_news) changed_.notify_all();
  }
  int wait_status = 0;
  // What the child left running dies with it, before the group's number is free.
  ::kill(-pid_, SIGKILL);
  while (waitpid(pid_, &wait_status, 0) < 0 && errno == EINTR) {
  }
  std::lock_guard lock(mutex_);
  ExitStatus status;
  if (WIFSIGNALED(wait_status)) {
    status.signal = WTERMSIG(wait_status);
  } else {
    status.code = WEXITSTATUS(wait_status);
  }
  status_ = status;
  changed_.notify_all();
}

// Takes what is there. True if that was something, or the end.
bool Process::drain(Channel& channel) {
  if (channel.ended) return false;
  bool news = false;
  char bytes[65536];
  while (true) {
    ssize_t got = read(channel.fd, bytes, sizeof bytes);
    if (got > 0) {
      channel.text.append(bytes, static_cast<size_t>(got));
      news = true;
    } else if (got < 0 && errno == EINTR) {
      continue;
    } else {
      channel.ended = got == 0 || errno != EAGAIN;
      return news || channel.ended;
    }
  }
}

std::optional<std::vector<std::string>> Process::expect_line(Stream stream,
                                                             const std::string& pattern,
                                                             milliseconds timeout) {
  std::regex regex(pattern);
  Deadline deadline(timeout);
  std::unique_lock lock(mutex_);
  Channel& from = channel(stream);
  while (true) {
    for (size_t end; (end = from.text.find('\n', from.searched)) != std::string::npos;) {
      std::string line = from.text.substr(from.searched, end - from.searched);
      from.searched = end + 1;
      std::smatch match;
      if (!std::regex_search(line, match, regex)) continue;
      return std::vector<std::string>(match.begin(), match.end());
    }
    if (from.ended || status_ || deadline.passed()) return std::nullopt;
    changed_.wait_until(lock, deadline.at());
  }
}

std::string Process::output(Stream stream) const {
  std::lock_guard lock(mutex_);
  return channel(stream).text;
}

std::vector<std::string> Process::lines(Stream stream) const { return split_lines(output(stream)); }

size_t Process::count_lines(Stream stream, const std::string& pattern) const {
  std::regex regex(pattern);
  size_t count = 0;
  for (const std::string& line : lines(stream)) count += std::regex_search(line, regex) ? 1U : 0U;
  return count;
}

std::string Process::transcript() const {
  std::lock_guard lock(mutex_);
  std::string text = "$";
  for (const std::string& argument : argv_) text += " " + argument;
  constexpr size_t kShown = 8192;
  for (const auto* from : {&out_, &err_}) {
    text += from == &out_ ? "\n--- stdout\n" : "\n--- stderr\n";
    size_t begin = from->text.size() > kShown ? from->text.size() - kShown : 0;
    text += (begin > 0 ? "...\n" : "") + from->text.substr(begin);
  }
  return text + "\n--- " + (status_ ? status_->text() : "running") + "\n";
}

void Process::close_stdout() {
  std::unique_lock lock(mutex_);
  close_stdout_ = true;
  eventfd_write(wake_, 1);
  changed_.wait(lock, [this] { return out_.fd < 0 || status_; });
}

void Process::send_signal(int signal) {
  std::lock_guard lock(mutex_);
  if (!status_) ::kill(pid_, signal);
}

void Process::terminate() { send_signal(SIGTERM); }
void Process::kill() { send_signal(SIGKILL); }

std::optional<ExitStatus> Process::wait(milliseconds timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [this] { return status_.has_value(); });
  return status_;
}

bool Process::running() const {
  std::lock_guard lock(mutex_);
  return !status_.has_value();
}

Finished run(std::vector<std::string> argv, const ProcessOptions& options, milliseconds timeout) {
  Process process(std::move(argv), options);
  std::optional<ExitStatus> status = process.wait(timeout);
  if (!status) throw std::runtime_error("did not end in time: " + process.transcript());
  return {*status, process.output(Stream::out), process.output(Stream::err)};
}

}  // namespace p2p::testing
