// What the overlay does in large networks, under churn and under attack: simulated, with many
// seeds, against what is asked of it.
//
//   bench_overlay [--seeds N] [--jobs N] [--large] [NAME...]
//
// Prints a table: each figure's aim, and the least, the median and the most over the seeds 1 to N
// (3 if it is not said). --large: networks of ten thousand nodes (some minutes for each seed,
// 2 GiB). NAME: only these. Exit: 0 all aims were met, 1 one was missed, 2 wrong use.
#include <array>
#include <cstdio>
#include <string_view>

#include "tests/bench/overlay/lines.h"

int main(int argc, char** argv) {
  using namespace p2p::bench;
  constexpr std::array<std::string_view, 1> kFlags{"--large"};
  const auto options = read_options(argc, argv, kFlags);
  int code = 2;
  if (options) code = run_lines(options->has("--large") ? large_lines() : usual_lines(), *options);
  if (code != 2) return code;
  std::fputs("usage: bench_overlay [--seeds N] [--jobs N] [--large] [NAME...]\nNAME: ", stderr);
  for (const Line& line : usual_lines()) std::fprintf(stderr, "%s ", line.name.c_str());
  std::fputs("\nwith --large: ", stderr);
  for (const Line& line : large_lines()) std::fprintf(stderr, "%s ", line.name.c_str());
  std::fputs("\n", stderr);
  return 2;
}
