#include "engine/base/random.h"

#include <bit>

#include "engine/base/check.h"

namespace p2p {

namespace {

uint64_t splitmix(uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  uint64_t z = state;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

}  // namespace

Random::Random(Seed seed) {
  uint64_t state = seed.value;
  for (uint64_t& word : state_) word = splitmix(state);
}

uint64_t Random::next() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

uint64_t Random::below(uint64_t bound) {
  P2P_CHECK(bound > 0);
  // Values under 2^64 mod bound would make the low results likelier: drawn again.
  const uint64_t reject_under = (0 - bound) % bound;
  uint64_t value = next();
  while (value < reject_under) value = next();
  return value % bound;
}

Duration Random::between(Duration low, Duration high) {
  P2P_CHECK(low <= high);
  const auto width = static_cast<uint64_t>((high - low).count_ns());
  return low + Duration::nanoseconds(static_cast<int64_t>(below(width + 1)));
}

Duration Random::jittered(Duration mean) { return between(mean - mean / 4, mean + mean / 4); }

}  // namespace p2p
