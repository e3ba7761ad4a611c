// bench_transfer [MIB [ROUNDS [DIRECTORY [INPUT_DIRECTORY]]]]: a seeder and a leecher of p2pnode,
// two processes on loopback, against the floor (floor.h), in turns. Prints both rates, their ratio,
// and what each side costs. The rate of p2pnode counts from the start of `p2pnode get` to its end,
// so finding the seeder, hashing, writing, syncing and closing are in it.
//
// The copies are made in memory by default: the rates are then not the disk's. What is shared
// stands where files do, and is read from the page cache by both: in memory no file vouches for
// itself, and p2pnode would hash it again as it sends it.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/bench/processes/child.h"
#include "tests/bench/processes/input.h"
#include "tests/bench/processes/sharing.h"
#include "tests/bench/transfer/floor.h"

namespace p2p::bench {
namespace {

constexpr unsigned kHashThreads = 2;

struct Round {
  double rate = 0;  // MB/s
  Cost seeder;
  Cost leecher;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Round run_p2pnode(const std::string& directory, const Sharing& sharing, size_t mib) {
  const std::string copy = directory + "/leecher.got";
  const std::string err = directory + "/leecher.err";
  const Cost before = used_by(sharing.pid());
  const auto begin = std::chrono::steady_clock::now();
  const pid_t leecher =
      start(get_words(sharing, directory, "leecher"), directory + "/leecher.out", err);
  Round round;
  round.leecher = wait_for(leecher);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (round.leecher.exit_code != 0) {
    throw std::runtime_error("p2pnode get failed: " + read_all(err));
  }
  round.rate = static_cast<double>(mib * kMiB) / 1e6 / seconds;
  round.seeder = used_by(sharing.pid());
  round.seeder.cpu_s -= before.cpu_s;
  std::filesystem::remove(copy);
  std::filesystem::remove_all(directory + "/leecher");
  return round;
}

Round run_floor_round(const std::string& directory, const std::string& file, size_t mib) {
  const std::string copy = directory + "/copy";
  const FloorResult result = run_floor(file, copy, kHashThreads);
  std::filesystem::remove(copy);
  return {static_cast<double>(mib * kMiB) / 1e6 / result.seconds, result.sender, result.receiver};
}

void print(const char* name, const Round& round) {
  std::printf(
      "%-8s %7.0f MB/s   sends: %5.2f s CPU, %4.0f MiB   receives: %5.2f s CPU, %4.0f MiB\n", name,
      round.rate, round.seeder.cpu_s, round.seeder.peak_mib, round.leecher.cpu_s,
      round.leecher.peak_mib);
  std::fflush(stdout);
}

void run(size_t mib, size_t rounds, const std::string& directory, const std::string& inputs) {
  const std::string file = inputs + "/input";
  make_input(file, mib);
  const Sharing sharing(directory, "seeder", {file});
  std::printf("%zu MiB from %s to %s, %zu rounds, in turns, %u hashing threads each\n", mib,
              inputs.c_str(), directory.c_str(), rounds, kHashThreads);
  std::vector<double> ratios;
  double peak = 0;
  for (size_t i = 0; i < rounds; ++i) {
    const Round floor = run_floor_round(directory, file, mib);
    print("floor", floor);
    const Round node = run_p2pnode(directory, sharing, mib);
    print("p2pnode", node);
    ratios.push_back(node.rate / floor.rate);
    peak = std::max({peak, node.seeder.peak_mib, node.leecher.peak_mib});
  }
  std::printf("p2pnode / floor: %.2f (median of %zu), peak memory of either side %.0f MiB\n",
              median(ratios), rounds, peak);
}

}  // namespace
}  // namespace p2p::bench

int main(int argc, char** argv) {
  const size_t mib = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1024;
  const size_t rounds = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 3;
  const std::string parent = argc > 3 ? argv[3] : "/dev/shm";
  const std::string input_parent = argc > 4   ? argv[4]
                                   : argc > 3 ? argv[3]
                                              : std::filesystem::temp_directory_path().string();
  if (mib == 0 || rounds == 0) {
    std::fprintf(stderr, "usage: bench_transfer [MIB [ROUNDS [DIRECTORY [INPUT_DIRECTORY]]]]\n");
    return 2;
  }
  int status = 0;
  try {
    const p2p::bench::Folder folder(parent);
    const p2p::bench::Folder inputs(input_parent);
    p2p::bench::run(mib, rounds, folder.path(), inputs.path());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_transfer: %s\n", error.what());
    status = 1;
  }
  return status;
}
