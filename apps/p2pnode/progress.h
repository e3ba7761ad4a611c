// How far a transfer is, in words: the line that get shows on a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "engine/base/time.h"

namespace p2p::app {

// Both in the unit that suits the total, rounded down: "312 of 1,024 MiB", "17 of 900 bytes".
std::string part_of(uint64_t done, uint64_t total);

// "; 312 of 1,024 MiB are in PATH.part, and the same command goes on from there"
std::string kept_text(uint64_t done, uint64_t total, const std::string& where);

// Bytes a second over the last few seconds.
class RateMeter {
 public:
  // `done` never goes down.
  void sample(Time now, uint64_t done);
  // nullopt until two samples are a second apart.
  std::optional<uint64_t> bytes_per_second() const;

 private:
  static constexpr Duration kWindow = Duration::seconds(10);
  struct Sample {
    Time at;
    uint64_t done;
  };
  std::deque<Sample> samples_;
};

struct ProgressView {
  uint64_t done = 0;   // bytes
  uint64_t total = 0;  // bytes; 0: not known yet
  std::optional<uint64_t> bytes_per_second;
  uint64_t peers = 0;
  uint64_t pieces_checked = 0;  // against their hashes
  uint64_t pieces = 0;          // 0: not known yet
};
// nullopt: it can't be estimated.
std::optional<uint64_t> seconds_left(const ProgressView& view);
// One line of at most `columns` - 1 characters: bytes of total, rate, time left, peers, pieces.
std::string progress_line(const ProgressView& view, size_t columns);

}  // namespace p2p::app
