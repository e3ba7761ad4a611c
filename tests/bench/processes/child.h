// Child processes of a benchmark, and what they cost.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace p2p::bench {

struct Cost {
  double cpu_s = 0;
  double peak_mib = 0;
  int exit_code = -1;  // -1: a signal ended it
};

// Starts argv with its standard output and error in files. Throws std::runtime_error.
pid_t start(const std::vector<std::string>& argv, const std::string& out, const std::string& err);
// Waits for the end of a child.
Cost wait_for(pid_t pid);
// What a running child has used so far.
Cost used_by(pid_t pid);
// SIGKILL, and waits for the end. What the child had written by then, to sockets and files alike,
// in bytes: what sendfile sent is among them, what was sent from memory is not.
uint64_t kill_now(pid_t pid);
// The same of one that runs.
uint64_t written_by(pid_t pid);
// Whether the child has ended; it is still to be waited for.
bool has_ended(pid_t pid);
// Waits for its end, or until so much time has passed. Whether it has ended.
bool ends_within(pid_t pid, std::chrono::milliseconds time);
// Waits until `text` stands in the file, 60 s at most; false: it doesn't, or the child has ended.
bool wait_for_text(const std::string& path, const std::string& text, pid_t child);
std::string read_all(const std::string& path);

}  // namespace p2p::bench
