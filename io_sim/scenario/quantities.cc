#include "io_sim/scenario/quantities.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace p2p::sim {

namespace {

struct RateUnit {
  std::string_view name;
  uint64_t bits;
};

// The bits in descending order, for writing.
constexpr std::array<RateUnit, 9> kRateUnits{{
    {"Gbit", 1'000'000'000},
    {"Mbit", 1'000'000},
    {"kbit", 1'000},
    {"bit", 1},
    {"B", 8},
    {"kB", 8'000},
    {"KB", 8'000},
    {"MB", 8'000'000},
    {"GB", 8'000'000'000},
}};
constexpr size_t kBitUnits = 4;

struct TimeUnit {
  std::string_view name;
  int64_t ms;
};

constexpr std::array<TimeUnit, 4> kTimeUnits{{
    {"h", 3'600'000},
    {"min", 60'000},
    {"s", 1'000},
    {"ms", 1},
}};

constexpr unsigned kMostDecimals = 10;  // 10^-10 is finer than half a part of 2^32

// `parts` as `digits` decimals, if that reads back as the same with a margin: a tie, or nearly one,
// could be rounded the other way when the text becomes a floating-point number.
std::optional<uint64_t> as_decimals(uint64_t parts, unsigned decimals) {
  uint64_t five = 1;
  for (unsigned i = 0; i < decimals; ++i) five *= 5;
  // parts / 2^32 = number / 10^decimals, both sides times 2^decimals.
  const uint64_t two = uint64_t{1} << (32 - decimals);
  const uint64_t number = (parts * five + two / 2) / two;
  const uint64_t back = number * two;
  const uint64_t exact = parts * five;
  const uint64_t error = back > exact ? back - exact : exact - back;
  if (error * 100 >= five * 49) return std::nullopt;
  return number;
}

}  // namespace

std::optional<uint64_t> parse_rate(std::string_view text) {
  uint64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(result.ptr - text.data()));
  if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  for (const RateUnit& unit : kRateUnits) {
    if (unit.name != text) continue;
    if (number > std::numeric_limits<uint64_t>::max() / unit.bits) return std::nullopt;
    return number * unit.bits;
  }
  return std::nullopt;
}

std::string rate_text(uint64_t bits_per_second) {
  size_t i = 0;
  while (i + 1 < kBitUnits && (bits_per_second == 0 || bits_per_second % kRateUnits[i].bits != 0)) {
    ++i;
  }
  return std::to_string(bits_per_second / kRateUnits[i].bits) + std::string(kRateUnits[i].name);
}

std::optional<Probability> probability_of(double fraction) {
  if (!(fraction >= 0.0 && fraction <= 1.0)) return std::nullopt;
  // The product is exact: a power of two changes only the exponent.
  return Probability{static_cast<uint64_t>(std::llround(fraction * double{Probability::kOne}))};
}

std::string probability_text(Probability probability) {
  if (probability.parts >= Probability::kOne) return "1.0";
  for (unsigned decimals = 1; decimals <= kMostDecimals; ++decimals) {
    const auto number = as_decimals(probability.parts, decimals);
    if (!number) continue;
    std::string digits = std::to_string(*number);
    if (digits.size() > decimals) return "1.0";
    return "0." + std::string(decimals - digits.size(), '0') + digits;
  }
  return "0.0";
}

std::optional<Share> share_of(double fraction) {
  if (!(fraction > 0.0 && fraction <= 1.0)) return std::nullopt;
  const double millionths = fraction * Share::kAll;
  const auto nearest = std::llround(millionths);
  // A double is off by far less than a millionth of a millionth.
  constexpr double kOffMax = 1e-6;
  if (nearest < 1 || std::abs(millionths - static_cast<double>(nearest)) > kOffMax) {
    return std::nullopt;
  }
  return Share{static_cast<uint32_t>(nearest)};
}

std::string share_text(Share share) {
  if (share.millionths >= Share::kAll) return "1.0";
  std::string digits = std::to_string(Share::kAll + share.millionths).substr(1);
  while (digits.back() == '0') digits.pop_back();
  return "0." + digits;
}

std::string exact_duration_text(Duration duration) {
  const int64_t ms = (duration.count_ns() + 999'999) / 1'000'000;
  if (ms == 0) return "0s";
  for (const TimeUnit& unit : kTimeUnits) {
    if (ms % unit.ms == 0) return std::to_string(ms / unit.ms) + std::string(unit.name);
  }
  return "";
}

}  // namespace p2p::sim
