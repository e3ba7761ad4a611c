// bench_hostile [MIB [LEECHERS [MB_A_SECOND [DIRECTORY]]]]: a swarm of one seeder and LEECHERS (9),
// real processes on loopback, each with --max-upload MB_A_SECOND (5), and a file of MIB (64). Then
// the same with peers among them that send wrong bytes, that never give, that drip a byte a second,
// and with all three: each of them comes to every node, says that it has everything, and comes
// again when it is closed. Prints how much longer the last of the swarm takes (at most 1.3 times),
// and what the first leecher says of its peers half-way.
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/many/culprits.h"
#include "tests/bench/many/swarm.h"
#include "tests/bench/processes/child.h"
#include "tests/bench/processes/input.h"

namespace p2p::bench {
namespace {

constexpr double kRatioMax = 1.3;

// What `status` or `peers` of a node says.
std::string look_at(const Swarm& swarm, size_t node, const char* command) {
  const std::string said = swarm.data_dir(node) + "." + command;
  const pid_t asking = start({p2pnode_program(), command, "--data-dir", swarm.data_dir(node)},
                             said + ".out", said + ".err");
  wait_for(asking);
  return read_all(said + ".out");
}

struct Outcome {
  double last_s = 0;
  double copies = 0;
  size_t asks = 0;   // of the culprits
  std::string look;  // into the first leecher, half-way
};

Outcome run_swarm(const SwarmShape& shape, const std::vector<Misdeed>& misdeeds,
                  const std::string& parent) {
  const Folder folder(parent);
  Swarm swarm(folder.path(), shape);
  swarm.start_leechers();
  Culprits culprits;
  const std::vector<std::string> endpoints = swarm.endpoints();
  for (const Misdeed misdeed : misdeeds) {
    for (const std::string& endpoint : endpoints) culprits.add(misdeed, endpoint);
  }
  Outcome outcome;
  std::this_thread::sleep_for(std::chrono::duration<double>(lower_bound_s(shape) / 2));
  outcome.look = look_at(swarm, 1, "status") + "\n" + look_at(swarm, 1, "peers");
  outcome.last_s = swarm.wait_for_all();
  outcome.look += "\n" + swarm.said(1);
  outcome.copies = swarm.copies_sent();
  outcome.asks = culprits.asks();
  return outcome;
}

bool run(const SwarmShape& shape, const std::string& parent) {
  std::printf("%zu MiB to %zu leechers, %zu MB/s each, bound %.1f s\n", shape.mib, shape.leechers,
              shape.upload_mb, lower_bound_s(shape));
  const Outcome without = run_swarm(shape, {}, parent);
  std::printf("%-16s the last after %5.1f s, %.2f copies sent\n", "nobody hostile", without.last_s,
              without.copies);
  bool met = true;
  Outcome all;
  const auto add = [&](const std::string& name, const std::vector<Misdeed>& misdeeds) {
    const Outcome with = run_swarm(shape, misdeeds, parent);
    const double ratio = with.last_s / without.last_s;
    met = met && ratio <= kRatioMax;
    std::printf(
        "%-16s the last after %5.1f s, %.2f copies sent, %zu asks to them, ratio %.2f (at most "
        "%.1f: %s)\n",
        name.c_str(), with.last_s, with.copies, with.asks, ratio, kRatioMax,
        ratio <= kRatioMax ? "met" : "MISSED");
    std::fflush(stdout);
    return with;
  };
  for (const Misdeed misdeed : kMisdeeds) add(std::string(misdeed_name(misdeed)), {misdeed});
  all = add("all three", {kMisdeeds.begin(), kMisdeeds.end()});
  std::printf("\nwhat a leecher says of them, half-way and in the end:\n%s", all.look.c_str());
  return met;
}

}  // namespace
}  // namespace p2p::bench

int main(int argc, char** argv) {
  p2p::bench::SwarmShape shape{64, 9, 5};
  if (argc > 1) shape.mib = std::strtoul(argv[1], nullptr, 10);
  if (argc > 2) shape.leechers = std::strtoul(argv[2], nullptr, 10);
  if (argc > 3) shape.upload_mb = std::strtoul(argv[3], nullptr, 10);
  const std::string parent = argc > 4 ? argv[4] : "/dev/shm";
  if (shape.mib == 0 || shape.leechers == 0 || shape.upload_mb == 0) {
    std::fprintf(stderr, "usage: bench_hostile [MIB [LEECHERS [MB_A_SECOND [DIRECTORY]]]]\n");
    return 2;
  }
  try {
    return p2p::bench::run(shape, parent) ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_hostile: %s\n", error.what());
    return 1;
  }
}
