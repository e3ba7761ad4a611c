// What the command line asks for, as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/time.h"

namespace p2p::sim::program {

// A time as it was typed, too: the line that repeats a run says it in the same words.
struct TypedDuration {
  Duration value;
  std::string text;
};

// Both ends belong to it.
struct SeedRange {
  uint64_t first = 0;
  uint64_t last = 0;
  friend bool operator==(const SeedRange&, const SeedRange&) = default;
};
// "A..B" with A <= B, or "A" alone; at most 2^32 seeds.
std::optional<SeedRange> parse_seed_range(std::string_view text);

inline constexpr Duration kLimitDefault = Duration::minutes(10);  // real time, of each run
inline constexpr unsigned kJobsMax = 1024;

struct RunCommand {
  std::vector<std::string> files;
  std::optional<uint64_t> seed;
  std::optional<TypedDuration> until;
  bool json = false;
  std::string trace;  // these three: a file, or empty
  std::string report;
  std::string events;
  Duration limit = kLimitDefault;
  bool verbose = false;
};

struct SweepCommand {
  std::vector<std::string> files;
  SeedRange seeds;
  unsigned jobs = 0;  // 0: one for each processor
  bool json = false;
  std::string report;
  Duration limit = kLimitDefault;
};

struct ShrinkCommand {
  std::string file;
  std::optional<uint64_t> seed;  // else the scenario's
  std::string output;
  unsigned jobs = 2;
  Duration limit = kLimitDefault;
};

struct CheckCommand {
  std::vector<std::string> files;
};

struct DiffCommand {
  std::string left;
  std::string right;
};

using Invocation = std::variant<RunCommand, SweepCommand, ShrinkCommand, CheckCommand, DiffCommand>;

}  // namespace p2p::sim::program
