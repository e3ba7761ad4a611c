// How fast one content comes from one seeder to many, simulated: against the least time that any
// schedule needs, K + ceil(log2(N + 1)) - 1 piece times at the upload rate for K pieces and N
// leechers.
//
//   bench_swarm [--seeds N] [--jobs N] [--large] [--curves] [NAME...]
//
// Prints a table: each figure's aim, and the least, the median and the most over the seeds 1 to N
// (3 if it is not said). --large: 1,000 leechers (some minutes for each seed). --curves: before it
// what there is in each virtual second with seed 1, as comma-separated values. NAME: only these.
// Exit: 0 all aims were met, 1 one was missed, 2 wrong use.
#include <array>
#include <cstdio>
#include <string_view>

#include "tests/bench/swarm/lines.h"

int main(int argc, char** argv) {
  using namespace p2p::bench;
  constexpr std::array<std::string_view, 2> kFlags{"--large", "--curves"};
  const auto options = read_options(argc, argv, kFlags);
  int code = 2;
  if (options) {
    code = run_lines(options->has("--large") ? large_swarms() : usual_swarms(), *options,
                     options->has("--curves"));
  }
  if (code != 2) return code;
  std::fputs("usage: bench_swarm [--seeds N] [--jobs N] [--large] [--curves] [NAME...]\nNAME: ",
             stderr);
  for (const Line& line : usual_swarms()) std::fprintf(stderr, "%s ", line.name.c_str());
  std::fputs("\n", stderr);
  return 2;
}
