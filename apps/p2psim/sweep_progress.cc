#include "apps/p2psim/sweep_progress.h"

#include <algorithm>

#include "apps/common/counts.h"
#include "engine/base/quantity.h"

namespace p2p::sim::program {
namespace {

// Tenths of a run each second; each minute where that says nothing.
std::string rate_text(const SweepProgress& progress) {
  const auto elapsed_ms = static_cast<uint64_t>(progress.elapsed.count_ms());
  const uint64_t per_second_10 = progress.done * 10'000 / elapsed_ms;
  if (per_second_10 >= 10) {
    return app::grouped(per_second_10 / 10) + "." + std::to_string(per_second_10 % 10) + "/s";
  }
  const uint64_t per_minute_10 = progress.done * 600'000 / elapsed_ms;
  return std::to_string(per_minute_10 / 10) + "." + std::to_string(per_minute_10 % 10) + "/min";
}

Duration time_left(const SweepProgress& progress) {
  const auto elapsed_ms = static_cast<uint64_t>(progress.elapsed.count_ms());
  // A year is as good as any longer time, and fits.
  constexpr uint64_t kYearSeconds = uint64_t{86'400} * 365;
  const uint64_t each_us = elapsed_ms * 1000 / progress.done;
  const uint64_t left = progress.total - progress.done;
  const uint64_t left_s = left > kYearSeconds * 1'000'000 / (each_us + 1)
                              ? kYearSeconds
                              : left * each_us / 1'000'000 + 1;
  return Duration::seconds(static_cast<int64_t>(left_s));
}

}  // namespace

std::string progress_line(const SweepProgress& progress, size_t columns) {
  std::string line = app::grouped(progress.done) + " of " +
                     app::counted(progress.total, "run", "runs") + ", " +
                     app::grouped(progress.failed) + " failed";
  // Before that, an estimate is a guess.
  constexpr Duration kWarm = Duration::seconds(1);
  if (progress.done > 0 && progress.elapsed >= kWarm) {
    line += ", " + rate_text(progress);
    if (progress.done < progress.total) line += ", " + duration_text(time_left(progress)) + " left";
  }
  return line.substr(0, std::max<size_t>(columns, 1) - 1);
}

}  // namespace p2p::sim::program
