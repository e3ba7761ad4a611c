// Benchmarks that run scenarios in the simulator, with many seeds, and print a table: each figure's
// aim, and the least, the median and the most over the seeds.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/runs/measure.h"

namespace p2p::bench {

// A column of a curve: what there is in each virtual second.
struct Column {
  std::string heading;
  std::function<int64_t(const sim::View&)> look;
};

// One network: a scenario file without expectations, and what is measured in it.
struct Line {
  std::string name;  // one word
  std::string about;
  std::string toml;
  std::vector<Measure> measures;  // at most kFiguresMax
  // What the seed draws, to be put after the file; may be empty.
  std::function<std::string(uint64_t seed)> drawn = {};
  std::vector<Column> curve = {};
  Duration curve_from = {};
};

inline constexpr size_t kFiguresMax = 8;

// The command line: [--seeds N] [--jobs N] [FLAG...] [NAME...]
struct Options {
  uint64_t seeds = 3;  // 1 to so many
  uint64_t jobs = 1;   // runs at once, each in a process of its own
  std::vector<std::string_view> flags;
  std::vector<std::string_view> names;  // only these lines; empty: all
  bool has(std::string_view flag) const;
};
// nullopt: wrong use. `flags` are those that the benchmark knows.
std::optional<Options> read_options(int argc, char** argv, std::span<const std::string_view> flags);

// Runs them and prints the table, or with `curves` the curves of seed 1. Returns the exit code: 0
// all aims were met, 1 one was missed, 2 there is no line of that name.
int run_lines(std::vector<Line> lines, const Options& options, bool curves = false);

}  // namespace p2p::bench
