// bench_idle [CONNECTIONS [SECONDS]]: what nodes cost that have nothing to do.
//
// First a p2pnode with 40 neighbours, all of them p2pnodes that bootstrapped from it: its share of
// a core over SECONDS (60), after as long to come to rest. Then the engine and the Linux world with
// CONNECTIONS (10,000) idle peers: memory of the process's own for each, kernel buffers not
// counted. Each figure is printed with its aim.
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/idle/guests.h"
#include "tests/bench/idle/host.h"
#include "tests/bench/processes/child.h"

namespace p2p::bench {
namespace {

constexpr size_t kNeighbours = 40;

// On all its threads, in nanoseconds of running: the first field of schedstat.
double cpu_s_of(pid_t pid) {
  double sum_ns = 0;
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    sum_ns += std::stod(read_all(task.path().string() + "/schedstat"));
  }
  return sum_ns / 1e9;
}

double status_field(pid_t pid, const std::string& name) {
  const std::string status = read_all("/proc/" + std::to_string(pid) + "/status");
  const size_t at = status.find(name + ":");
  if (at == std::string::npos) throw std::runtime_error("no " + name + " in /proc/PID/status");
  return std::stod(status.substr(at + name.size() + 1));
}

size_t count(const std::string& text, const std::string& what) {
  size_t found = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

// Processes that are killed at the end, whatever happens.
class Nodes {
 public:
  explicit Nodes(std::string directory) : directory_(std::move(directory)) {}
  ~Nodes() {
    for (const pid_t pid : pids_) {
      kill(pid, SIGKILL);
      wait_for(pid);
    }
  }
  Nodes(const Nodes&) = delete;
  Nodes& operator=(const Nodes&) = delete;

  // Returns the port of [::1] that it listens on.
  std::string start_node(const std::vector<std::string>& more) {
    const std::string name = directory_ + "/" + std::to_string(pids_.size());
    std::vector<std::string> argv = {P2PNODE, "run", "--listen", "[::1]:0", "--data-dir", name};
    argv.insert(argv.end(), more.begin(), more.end());
    pids_.push_back(start(argv, name + ".out", name + ".err"));
    const std::string before = "listening on [::1]:";
    if (!wait_for_text(name + ".out", before, pids_.back())) {
      throw std::runtime_error("a node does not start: " + read_all(name + ".err"));
    }
    const std::string said = read_all(name + ".out");
    const size_t at = said.find(before) + before.size();
    return said.substr(at, said.find('\n', at) - at);
  }

  size_t neighbours_of_first() const {
    const std::string out = directory_ + "/peers";
    const pid_t asking = start({P2PNODE, "peers", "--json", "--data-dir", directory_ + "/0"}, out,
                               directory_ + "/peers.err");
    wait_for(asking);
    return count(read_all(out), "\"identified\":true");
  }
  pid_t first() const { return pids_.front(); }

 private:
  std::string directory_;
  std::vector<pid_t> pids_;
};

void sleep_s(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

void measure_cpu(const std::string& directory, double seconds) {
  Nodes nodes(directory);
  const std::string port = nodes.start_node({"-S"});
  for (size_t i = 0; i < kNeighbours; ++i) nodes.start_node({"--bootstrap", "[::1]:" + port});
  sleep_s(seconds);
  const size_t before = nodes.neighbours_of_first();
  const double cpu = cpu_s_of(nodes.first());
  const double wakes = status_field(nodes.first(), "voluntary_ctxt_switches");
  sleep_s(seconds);
  const double share = (cpu_s_of(nodes.first()) - cpu) / seconds * 100;
  const double woken = status_field(nodes.first(), "voluntary_ctxt_switches") - wakes;
  std::printf(
      "p2pnode with %zu idle neighbours (%zu at the end), %.0f s: %.4f %% of a core (aim: less "
      "than "
      "0.1), woken %.1f times a second\n",
      before, nodes.neighbours_of_first(), seconds, share, woken / seconds);
  std::fflush(stdout);
}

void measure_memory(size_t connections, double seconds) {
  const Host host = start_host(connections + 100);
  sleep_s(1);
  const double before_kib = status_field(host.pid, "RssAnon");
  Guests guests(host.port, connections);
  guests.stay_for(seconds);
  const double after_kib = status_field(host.pid, "RssAnon");
  const double cpu = cpu_s_of(host.pid);
  guests.stay_for(seconds);
  const double share = (cpu_s_of(host.pid) - cpu) / seconds * 100;
  const double later_kib = status_field(host.pid, "RssAnon");
  const auto each = [&](double kib) {
    return (kib - before_kib) / static_cast<double>(connections);
  };
  std::printf(
      "engine and world with %zu idle connections (%zu greeted, %zu lost): %.2f KiB each after "
      "%.0f s, %.2f after %.0f s (aim: at most 8), %.2f %% of a core at rest\n",
      connections, guests.greeted(), guests.lost(), each(after_kib), seconds, each(later_kib),
      2 * seconds, share);
  kill(host.pid, SIGKILL);
  wait_for(host.pid);
}

void allow_open_files(size_t wanted) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  if (limit.rlim_max < wanted || setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    throw std::runtime_error("may not open " + std::to_string(wanted) + " files (ulimit -Hn)");
  }
}

}  // namespace
}  // namespace p2p::bench

int main(int argc, char** argv) {
  const size_t connections = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 10'000;
  const double seconds = argc > 2 ? std::strtod(argv[2], nullptr) : 60;
  if (connections == 0 || connections > 60'000 || seconds <= 0) {
    std::fprintf(stderr, "usage: bench_idle [CONNECTIONS [SECONDS]]\n");
    return 2;
  }
  std::string directory = "/dev/shm/p2pnode-bench-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) {
    std::fprintf(stderr, "bench_idle: cannot make a directory in /dev/shm\n");
    return 1;
  }
  int status = 0;
  try {
    p2p::bench::allow_open_files(connections + 200);
    p2p::bench::measure_cpu(directory, seconds);
    p2p::bench::measure_memory(connections, seconds);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_idle: %s\n", error.what());
    status = 1;
  }
  std::filesystem::remove_all(directory);
  return status;
}
