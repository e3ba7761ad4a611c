// Child processes of a benchmark, and what they cost.
#pragma once

#include <sys/types.h>

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
// Waits until `text` stands in the file, 60 s at most; false: it doesn't, or the child has ended.
bool wait_for_text(const std::string& path, const std::string& text, pid_t child);
std::string read_all(const std::string& path);

}  // namespace p2p::bench
