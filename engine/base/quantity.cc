#include "engine/base/quantity.h"

#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace p2p {

namespace {

struct Unit {
  std::string_view name;
  uint64_t size;
};

// Ascending, 1024 times each other.
constexpr std::array<Unit, 7> kBinaryUnits{{
    {"B", 1},
    {"KiB", uint64_t{1} << 10},
    {"MiB", uint64_t{1} << 20},
    {"GiB", uint64_t{1} << 30},
    {"TiB", uint64_t{1} << 40},
    {"PiB", uint64_t{1} << 50},
    {"EiB", uint64_t{1} << 60},
}};

constexpr std::array<Unit, 7> kDecimalUnits{{
    {"KB", 1'000},
    {"kB", 1'000},
    {"MB", 1'000'000},
    {"GB", 1'000'000'000},
    {"TB", 1'000'000'000'000},
    {"PB", 1'000'000'000'000'000},
    {"EB", 1'000'000'000'000'000'000},
}};

constexpr uint64_t kMillisecond = 1'000'000;  // in ns
constexpr uint64_t kSecond = 1'000 * kMillisecond;
constexpr uint64_t kMinute = 60 * kSecond;
constexpr uint64_t kHour = 60 * kMinute;

constexpr std::array<Unit, 4> kTimeUnits{{
    {"ms", kMillisecond},
    {"s", kSecond},
    {"min", kMinute},
    {"h", kHour},
}};

struct Quantity {
  uint64_t number;
  std::string_view unit;
};

std::optional<Quantity> split(std::string_view text) {
  uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc()) return std::nullopt;
  std::string_view unit = text.substr(static_cast<size_t>(result.ptr - text.data()));
  if (unit.size() > 1 && unit.front() == ' ') unit.remove_prefix(1);
  return Quantity{number, unit};
}

// How large the unit is; nullopt if it is not among `units`.
std::optional<uint64_t> size_of(std::string_view name, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (unit.name == name) return unit.size;
  }
  return std::nullopt;
}

std::optional<uint64_t> product(uint64_t number, uint64_t unit, uint64_t largest) {
  if (number > largest / unit) return std::nullopt;
  return number * unit;
}

// "1 h", "1 h 5 min".
std::string two_units_text(uint64_t count, std::string_view unit, uint64_t rest,
                           std::string_view rest_unit) {
  std::string text = std::to_string(count) + " " + std::string(unit);
  if (rest > 0) text += " " + std::to_string(rest) + " " + std::string(rest_unit);
  return text;
}

std::string tenths_text(uint64_t tenths, std::string_view unit) {
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 > 0) text += "." + std::to_string(tenths % 10);
  return text + " " + std::string(unit);
}

// `number` / `unit` to the nearest tenth, in tenths. Adding half a tenth first would overflow near
// the end of 64 bits.
uint64_t rounded_tenths(uint64_t number, uint64_t unit) {
  const uint64_t rest = number % unit;  // at most 2^60
  return number / unit * 10 + (rest * 10 + unit / 2) / unit;
}

}  // namespace

std::optional<uint64_t> parse_size(std::string_view text) {
  const auto quantity = split(text);
  if (!quantity) return std::nullopt;
  auto unit =
      quantity->unit.empty() ? std::optional<uint64_t>(1) : size_of(quantity->unit, kBinaryUnits);
  if (!unit) unit = size_of(quantity->unit, kDecimalUnits);
  if (!unit) return std::nullopt;
  return product(quantity->number, *unit, std::numeric_limits<uint64_t>::max());
}

std::optional<Duration> parse_duration(std::string_view text) {
  const auto quantity = split(text);
  if (!quantity) return std::nullopt;
  const auto unit = size_of(quantity->unit, kTimeUnits);
  if (!unit) return std::nullopt;
  const auto ns = product(quantity->number, *unit, uint64_t{std::numeric_limits<int64_t>::max()});
  if (!ns) return std::nullopt;
  return Duration::nanoseconds(static_cast<int64_t>(*ns));
}

std::string size_text(uint64_t bytes) {
  for (size_t i = 0; i < kBinaryUnits.size(); ++i) {
    const Unit& unit = kBinaryUnits[i];
    // 1023.96 KiB is written as 1 MiB: no number reaches 1024 of its unit.
    const bool last = i + 1 == kBinaryUnits.size();
    const uint64_t tenths = rounded_tenths(bytes, unit.size);
    if (last || tenths < 10'240) return tenths_text(tenths, unit.name);
  }
  return {};
}

std::string compact_size_text(uint64_t bytes) {
  size_t i = 0;
  while (bytes > 0 && i + 1 < kBinaryUnits.size() && bytes % kBinaryUnits[i + 1].size == 0) ++i;
  return std::to_string(bytes / kBinaryUnits[i].size) + std::string(kBinaryUnits[i].name);
}

std::string duration_text(Duration duration) {
  const bool negative = duration < Duration();
  // Unsigned, as the least int64_t has no positive counterpart.
  const auto count = static_cast<uint64_t>(duration.count_ns());
  const uint64_t ns = negative ? 0 - count : count;
  std::string text;
  if (const uint64_t ms = (ns + kMillisecond / 2) / kMillisecond; ms < 1'000) {
    text = std::to_string(ms) + " ms";
  } else if (const uint64_t tenths = rounded_tenths(ns, kSecond); tenths < 600) {
    text = tenths_text(tenths, "s");
  } else if (const uint64_t s = (ns + kSecond / 2) / kSecond; s < 3'600) {
    text = two_units_text(s / 60, "min", s % 60, "s");
  } else {
    const uint64_t minutes = (ns + kMinute / 2) / kMinute;
    text = two_units_text(minutes / 60, "h", minutes % 60, "min");
  }
  return negative ? "-" + text : text;
}

}  // namespace p2p
