// Time as the engine sees it: an argument, never read from a clock.
//
// Duration and Time are whole nanoseconds in 64 signed bits (292 years). Time counts from an origin
// that the world chooses; it never goes back. There is no floating point in either.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace p2p {

class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration nanoseconds(int64_t n) { return Duration(n); }
  static constexpr Duration microseconds(int64_t n) { return Duration(n * 1'000); }
  static constexpr Duration milliseconds(int64_t n) { return Duration(n * 1'000'000); }
  static constexpr Duration seconds(int64_t n) { return Duration(n * 1'000'000'000); }
  static constexpr Duration minutes(int64_t n) { return seconds(n * 60); }

  constexpr int64_t count_ns() const { return ns_; }
  constexpr int64_t count_ms() const { return ns_ / 1'000'000; }
  constexpr int64_t count_s() const { return ns_ / 1'000'000'000; }

  friend constexpr auto operator<=>(Duration, Duration) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return Duration(a.ns_ + b.ns_); }
  friend constexpr Duration operator-(Duration a, Duration b) { return Duration(a.ns_ - b.ns_); }
  friend constexpr Duration operator*(Duration a, int64_t n) { return Duration(a.ns_ * n); }
  friend constexpr Duration operator/(Duration a, int64_t n) { return Duration(a.ns_ / n); }

 private:
  explicit constexpr Duration(int64_t ns) : ns_(ns) {}
  int64_t ns_ = 0;
};

class Time {
 public:
  constexpr Time() = default;
  static constexpr Time from_ns(int64_t ns) { return Time(ns); }
  // Later than every other time. Adding to it is not defined.
  static constexpr Time never() { return Time(std::numeric_limits<int64_t>::max()); }

  constexpr int64_t since_origin_ns() const { return ns_; }
  constexpr bool is_never() const { return *this == never(); }

  friend constexpr auto operator<=>(Time, Time) = default;
  friend constexpr Time operator+(Time t, Duration d) { return Time(t.ns_ + d.count_ns()); }
  friend constexpr Time operator-(Time t, Duration d) { return Time(t.ns_ - d.count_ns()); }
  friend constexpr Duration operator-(Time a, Time b) {
    return Duration::nanoseconds(a.ns_ - b.ns_);
  }

 private:
  explicit constexpr Time(int64_t ns) : ns_(ns) {}
  int64_t ns_ = 0;
};

}  // namespace p2p
