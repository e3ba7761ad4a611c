// What simulating costs: runs of whole networks, each in a process of its own, next to what hashing
// the same payload costs in the same run.
//
//   bench_sim [--large]
//
// --large adds the network of ten thousand nodes (some minutes, some GiB).
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/digest.h"
#include "io_sim/run/run.h"
#include "io_sim/scenario/parse.h"

namespace {

using namespace p2p;

constexpr size_t kMiB = size_t{1} << 20;

struct Cost {
  double cpu_s = 0;
  double wall_s = 0;
  double peak_mib = 0;
};

struct Outcome {
  uint64_t events = 0;
  int64_t virtual_ns = 0;
  uint64_t payload = 0;
  bool passed = false;
};

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// Runs `work` in a child and says what it cost and what it came to.
template <class Work>
std::pair<Cost, Outcome> measured(Work work) {
  int ends[2];
  if (pipe(ends) != 0) std::exit(1);
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    const Outcome outcome = work();
    const bool said = write(ends[1], &outcome, sizeof outcome) == sizeof outcome;
    _exit(said ? 0 : 1);
  }
  close(ends[1]);
  Outcome outcome;
  if (read(ends[0], &outcome, sizeof outcome) != sizeof outcome) outcome = {};
  close(ends[0]);
  rusage usage{};
  int status = 0;
  wait4(child, &status, 0, &usage);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  return {{seconds(usage.ru_utime) + seconds(usage.ru_stime), wall.count(),
           static_cast<double>(usage.ru_maxrss) / 1024},
          outcome};
}

Outcome simulate(const std::string& toml) {
  const auto parsed = sim::parse_scenario(toml, "benchmark");
  if (const auto* errors = std::get_if<std::vector<sim::ScenarioError>>(&parsed)) {
    std::fprintf(stderr, "%s\n", errors->front().text().c_str());
    return {};
  }
  const sim::Result result = sim::run(std::get<sim::Scenario>(parsed));
  return {result.events, result.virtual_time.count_ns(), result.payload_bytes,
          result.verdict == sim::Verdict::pass};
}

// The CPU time that hashing so many bytes takes, in pieces of 1 MiB.
double hashing_s(size_t bytes) {
  return measured([bytes] {
           std::vector<std::byte> piece(kMiB, std::byte{7});
           unsigned sum = 0;
           for (size_t done = 0; done < bytes; done += kMiB) {
             piece[0] = static_cast<std::byte>(done >> 20);
             sum += std::to_integer<unsigned>(sha256(piece).bytes[0]);
           }
           return Outcome{sum, 0, 0, true};
         })
      .first.cpu_s;
}

void print(const char* name, const Cost& cost, const Outcome& outcome) {
  const double virtual_s = static_cast<double>(outcome.virtual_ns) / 1e9;
  std::printf("%s%s\n", name, outcome.passed ? "" : "  DID NOT PASS");
  std::printf("  %.2f s of CPU, %.2f s in all, peak %.0f MiB\n", cost.cpu_s, cost.wall_s,
              cost.peak_mib);
  std::printf("  %llu events: %.2f million a second of CPU; %.0f virtual seconds a second\n",
              static_cast<unsigned long long>(outcome.events),
              static_cast<double>(outcome.events) / 1e6 / cost.cpu_s, virtual_s / cost.cpu_s);
}

// A transfer from one node to another, next to the hashing of its bytes: once when the content is
// made, once when it has come.
void transfer(const char* name, const std::string& toml, size_t bytes, const char* aim) {
  const auto [cost, outcome] = measured([&toml] { return simulate(toml); });
  const double floor = hashing_s(2 * bytes);
  print(name, cost, outcome);
  std::printf("  hashing its bytes twice: %.2f s; ratio %.2f, beside it %.2f s (aim: %s)\n", floor,
              cost.cpu_s / floor, cost.cpu_s - floor, aim);
}

std::string transfer_scenario(const char* size, const char* stop, const char* chunks) {
  return std::string("schema = 1\nname = \"transfer\"\nstop = \"") + stop +
         "\"\n[network]\nlatency = \"20ms\"\nqueue = \"1MiB\"\nchunks = \"" + chunks +
         "\"\n[[nodes]]\nid = \"boot\"\nserver = true\n"
         "[[nodes]]\nid = \"holder\"\nbootstrap = [\"boot\"]\nshares = [\"film\"]\n"
         "[[nodes]]\nid = \"getter\"\nbootstrap = [\"boot\"]\nwants = [\"film\"]\n"
         "[[content]]\nid = \"film\"\nsize = \"" +
         size + "\"\n[[expect]]\nby = \"" + stop +
         "\"\nthat = \"holds\"\nnodes = \"getter\"\ncontent = \"film\"\n";
}

std::string network_scenario(unsigned nodes, unsigned apart_ms) {
  return "schema = 1\nname = \"network\"\nstop = \"10min\"\n[network]\n"
         "latency = { dist = \"uniform\", min = \"20ms\", max = \"100ms\" }\n"
         "[[nodes]]\nid = \"boot\"\nserver = true\n[[nodes]]\nid = \"peer\"\ncount = " +
         std::to_string(nodes - 1) + "\nstart = { at = \"1s\", every = \"" +
         std::to_string(apart_ms) +
         "ms\" }\nbootstrap = [\"boot\"]\n[[expect]]\nby = \"5min\"\nthat = \"connected\"\n";
}

void network(const char* name, unsigned nodes, unsigned apart_ms, double cpu_s_max) {
  const std::string toml = network_scenario(nodes, apart_ms);
  const auto [cost, outcome] = measured([&toml] { return simulate(toml); });
  print(name, cost, outcome);
  std::printf("  %.2f of the aim of %.0f s\n", cost.cpu_s / cpu_s_max, cpu_s_max);
}

}  // namespace

int main(int argc, char** argv) {
  const bool large = argc > 1 && std::strcmp(argv[1], "--large") == 0;
  transfer("3 nodes, 64 MiB in pieces of 1 MiB, an hour",
           transfer_scenario("64MiB", "60min", "segments"), 64 * kMiB,
           "1 s in all, 0.3 s beside it");
  transfer("one stream of 1 GiB", transfer_scenario("1GiB", "10min", "whole"), 1024 * kMiB,
           "a ratio of 2.5");
  network("1,000 nodes, 10 minutes", 1000, 60, 10);
  if (large) network("10,000 nodes, 10 minutes", 10'000, 6, 150);
  return 0;
}
