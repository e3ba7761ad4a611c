#include "tests/bench/processes/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace p2p::bench {

namespace {

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

// Fields 14 and 15 of /proc/PID/stat, after the name in brackets (proc(5)).
double cpu_seconds_of(pid_t pid) {
  const std::string stat = read_all("/proc/" + std::to_string(pid) + "/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double peak_mib_of(pid_t pid) {
  const std::string status = read_all("/proc/" + std::to_string(pid) + "/status");
  const size_t at = status.find("VmHWM:");
  if (at == std::string::npos) return 0;
  return std::stod(status.substr(at + 6)) / 1024;
}

}  // namespace

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

pid_t start(const std::vector<std::string>& argv, const std::string& out, const std::string& err) {
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("cannot fork");
  if (pid > 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(open(out.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600), STDOUT_FILENO);
  dup2(open(err.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600), STDERR_FILENO);
  std::vector<char*> args;
  for (const std::string& arg : argv) args.push_back(const_cast<char*>(arg.c_str()));
  args.push_back(nullptr);
  execv(args[0], args.data());
  _exit(127);
}

Cost wait_for(pid_t pid) {
  int status = 0;
  rusage usage{};
  if (wait4(pid, &status, 0, &usage) != pid) throw std::runtime_error("cannot wait for a child");
  return {seconds(usage.ru_utime) + seconds(usage.ru_stime),
          static_cast<double>(usage.ru_maxrss) / 1024,
          WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

Cost used_by(pid_t pid) { return {cpu_seconds_of(pid), peak_mib_of(pid), 0}; }

uint64_t written_by(pid_t pid) {
  const std::string io = read_all("/proc/" + std::to_string(pid) + "/io");
  const std::string name = "wchar: ";
  const size_t at = io.find(name);
  if (at == std::string::npos) throw std::runtime_error("no wchar in /proc/PID/io");
  return std::stoull(io.substr(at + name.size()));
}

uint64_t kill_now(pid_t pid) {
  kill(pid, SIGKILL);
  siginfo_t ended{};
  // Its counts are there until it is waited for.
  if (waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT) != 0) {
    throw std::runtime_error("cannot wait for a child");
  }
  const uint64_t written = written_by(pid);
  wait_for(pid);
  return written;
}

bool has_ended(pid_t pid) {
  siginfo_t ended{};
  return waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT | WNOHANG) == 0 &&
         ended.si_pid == pid;
}

bool ends_within(pid_t pid, std::chrono::milliseconds time) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) throw std::runtime_error("cannot watch a child");
  pollfd watched{fd, POLLIN, 0};
  const int ready = poll(&watched, 1, static_cast<int>(time.count()));
  close(fd);
  return ready > 0;
}

bool wait_for_text(const std::string& path, const std::string& text, pid_t child) {
  for (int i = 0; i < 6000; ++i) {
    if (read_all(path).find(text) != std::string::npos) return true;
    if (has_ended(child)) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace p2p::bench
