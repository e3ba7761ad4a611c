// A program under test, as a child process whose output is read line by line. It never outlives the
// object: the destructor kills the child's whole process group and reaps the child, and the kernel
// kills the child when the test itself dies.
//
// A thread of its own reads the child's output, so that no child ever blocks on a full pipe; the
// functions below are for one thread, that of the test.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/deadline.h"

namespace p2p::testing {

struct ExitStatus {
  int code = -1;   // when it exited
  int signal = 0;  // when a signal killed it; code is -1 then

  std::string text() const;  // "exit 3", "signal 9"
  friend bool operator==(const ExitStatus&, const ExitStatus&) = default;
  friend std::ostream& operator<<(std::ostream& out, const ExitStatus& status);
};

struct ProcessOptions {
  std::string directory;                                         // empty: the test's own
  std::vector<std::pair<std::string, std::string>> environment;  // added to the test's own
  std::optional<uint64_t> open_files_max;                        // RLIMIT_NOFILE, soft and hard
};

enum class Stream { out, err };

class Process {
 public:
  // argv[0] is looked up in PATH. Throws std::runtime_error when it can't be started.
  explicit Process(std::vector<std::string> argv, const ProcessOptions& options = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }

  // The next line of the stream, or of those after it, in which `pattern` (ECMAScript) is found:
  // its groups, [0] being the match. Lines before it are passed over. nullopt when the stream ended
  // or the deadline passed without one.
  std::optional<std::vector<std::string>> expect_line(Stream stream, const std::string& pattern,
                                                      milliseconds timeout = kSoon);
  std::optional<std::vector<std::string>> expect_out(const std::string& pattern,
                                                     milliseconds timeout = kSoon) {
    return expect_line(Stream::out, pattern, timeout);
  }
  std::optional<std::vector<std::string>> expect_err(const std::string& pattern,
                                                     milliseconds timeout = kSoon) {
    return expect_line(Stream::err, pattern, timeout);
  }

  // All that the stream has brought so far.
  std::string output(Stream stream) const;
  std::vector<std::string> lines(Stream stream) const;
  size_t count_lines(Stream stream, const std::string& pattern) const;

  // Both streams, the command line and the exit status: what a failing test shows.
  std::string transcript() const;

  // From now on a write of the child to its standard output fails: nobody holds the other end.
  void close_stdout();

  void send_signal(int signal);
  void terminate();  // SIGTERM
  void kill();       // SIGKILL

  // Once it has ended and its output was read to the end; nullopt when the deadline passes first.
  std::optional<ExitStatus> wait(milliseconds timeout = kSoon);
  bool running() const;

 private:
  struct Channel {
    int fd = -1;
    std::string text;
    size_t searched = 0;  // where the next expect_line() begins
    bool ended = false;
  };

  void read_until_exit();
  bool drain(Channel& channel);
  void signal_group(int signal);
  Channel& channel(Stream stream) { return stream == Stream::out ? out_ : err_; }
  const Channel& channel(Stream stream) const { return stream == Stream::out ? out_ : err_; }

  std::vector<std::string> argv_;
  pid_t pid_ = -1;
  int pidfd_ = -1;
  int wake_ = -1;  // an eventfd: close_stdout() and the destructor to the reader

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Channel out_, err_;
  bool close_stdout_ = false;
  bool abandoned_ = false;  // the child is dead; what still holds its pipes is not waited for
  std::optional<ExitStatus> status_;
  std::thread reader_;
};

// Runs a program to its end: its status and its standard output and error.
struct Finished {
  ExitStatus status;
  std::string out;
  std::string err;
};
// Throws std::runtime_error when it doesn't end in time.
Finished run(std::vector<std::string> argv, const ProcessOptions& options = {},
             milliseconds timeout = kSoon);

}  // namespace p2p::testing
