#include "apps/p2pnode/progress.h"

#include <array>

#include "apps/common/counts.h"
#include "engine/base/quantity.h"

namespace p2p::app {
namespace {

struct Unit {
  const char* name;
  unsigned shift;
};
constexpr std::array<Unit, 4> kUnits = {{{"bytes", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}}};
// A unit is left for the next when the total would be ten thousand of it or more.
constexpr uint64_t kInUnitMax = 10'000;

Unit unit_for(uint64_t total) {
  for (const Unit& unit : kUnits) {
    if (total >> unit.shift < kInUnitMax) return unit;
  }
  return kUnits.back();
}

// Rounded down: 100 only when all is there. A content has at most 2^60 bytes.
uint64_t percent(uint64_t done, uint64_t total) {
  if (done >= total) return 100;
  const unsigned shift = total >> 50 == 0 ? 0 : 10;
  return (done >> shift) * 100 / (total >> shift);
}

}  // namespace

std::string part_of(uint64_t done, uint64_t total) {
  const Unit unit = unit_for(total);
  return grouped(done >> unit.shift) + " of " + grouped(total >> unit.shift) + " " + unit.name;
}

std::string kept_text(uint64_t done, uint64_t total, const std::string& where) {
  return "; " + part_of(done, total) + " are in " + where +
         ", and the same command goes on from there";
}

void RateMeter::sample(Time now, uint64_t done) {
  samples_.push_back({now, done});
  while (samples_.size() > 2 && now - samples_[1].at >= kWindow) samples_.pop_front();
}

std::optional<uint64_t> RateMeter::bytes_per_second() const {
  if (samples_.empty()) return std::nullopt;
  const Sample& first = samples_.front();
  const Sample& last = samples_.back();
  const auto elapsed_ms = static_cast<uint64_t>((last.at - first.at).count_ms());
  if (elapsed_ms < 1000) return std::nullopt;
  return (last.done - first.done) * 1000 / elapsed_ms;
}

std::optional<uint64_t> seconds_left(const ProgressView& view) {
  // More than ten years is no estimate.
  constexpr uint64_t kLeftMax = 86'400ULL * 3650;
  if (view.total == 0 || view.bytes_per_second.value_or(0) == 0) return std::nullopt;
  const uint64_t left = (view.total - view.done) / *view.bytes_per_second + 1;
  return left > kLeftMax ? std::nullopt : std::optional(left);
}

std::string progress_line(const ProgressView& view, size_t columns) {
  const std::string peers = counted(view.peers, "peer", "peers");
  if (view.total == 0) return ("looking for the content, " + peers).substr(0, columns - 1);
  std::string line =
      part_of(view.done, view.total) + " (" + std::to_string(percent(view.done, view.total)) + "%)";
  if (view.bytes_per_second && *view.bytes_per_second > 0) {
    const auto left = seconds_left(view);
    line += ", " + size_text(*view.bytes_per_second) + "/s, ";
    line += left ? duration_text(Duration::seconds(static_cast<int64_t>(*left))) + " left"
                 : "a long time left";
  }
  line += ", " + peers;
  if (view.pieces > 0) {
    line += ", " + grouped(view.pieces_checked) + " of " + counted(view.pieces, "piece", "pieces") +
            " checked";
  }
  return line.substr(0, columns - 1);
}

}  // namespace p2p::app
