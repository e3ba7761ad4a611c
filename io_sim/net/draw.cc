#include "io_sim/net/draw.h"

#include <algorithm>
#include <bit>

namespace p2p::sim {

namespace {

// -log2(u / 2^32) with 16 binary digits after the point. Requires 0 < u <= 2^32.
uint64_t minus_log2_q16(uint64_t u) {
  const int whole = 63 - std::countl_zero(u);
  // The mantissa in [1, 2) with 31 digits after the point; squaring it brings out one digit of the
  // logarithm after the other.
  uint64_t mantissa = whole >= 31 ? u >> (whole - 31) : u << (31 - whole);
  uint64_t log = static_cast<uint64_t>(whole) << 16;
  for (int digit = 15; digit >= 0; --digit) {
    mantissa = (mantissa * mantissa) >> 31;
    if (mantissa >= uint64_t{1} << 32) {
      mantissa >>= 1;
      log |= uint64_t{1} << digit;
    }
  }
  return (uint64_t{32} << 16) - log;
}

}  // namespace

bool happens(Probability probability, Random& random) {
  if (probability.parts == 0) return false;
  return (random.next() >> 32) < probability.parts;
}

Duration draw_exponential(Duration mean, Random& random) {
  const uint64_t log2_q16 = minus_log2_q16((random.next() >> 32) + 1);
  // ln 2 in parts of 2^16. The mean in microseconds keeps the product within 64 bits for hours.
  constexpr uint64_t kLn2Q16 = 45'426;
  const auto mean_us = static_cast<uint64_t>(mean.count_ns() / 1000);
  const uint64_t ln_q16 = (log2_q16 * kLn2Q16) >> 16;
  return Duration::microseconds(static_cast<int64_t>((mean_us * ln_q16) >> 16));
}

Duration draw_latency(const LatencyLaw& law, Random& random) {
  switch (law.kind) {
    case LatencyLaw::Kind::fixed:
      return law.min;
    case LatencyLaw::Kind::uniform:
      return random.between(law.min, law.max);
    case LatencyLaw::Kind::exponential:
      return law.min + draw_exponential(law.mean - law.min, random);
  }
  return law.min;
}

}  // namespace p2p::sim
