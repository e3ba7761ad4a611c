// Seeds for independent streams of chance: each purpose and each node has its own, so that taking
// one away does not change what the others draw.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/random.h"

namespace p2p::sim {

// Mixes `more` into `seed` so that neighbouring values give unrelated results.
constexpr uint64_t mixed(uint64_t seed, uint64_t more) {
  uint64_t z = seed ^ (more + 0x9e3779b97f4a7c15 + (seed << 12) + (seed >> 4));
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}
constexpr uint64_t mixed(uint64_t seed, std::string_view more) {
  for (const char c : more) seed = mixed(seed, static_cast<uint8_t>(c));
  return mixed(seed, more.size());
}

// The seed of one stream: what it is for, and whom.
constexpr Seed keyed_seed(uint64_t seed, std::string_view purpose, std::string_view whom = {},
                          uint64_t number = 0) {
  return {mixed(mixed(mixed(seed, purpose), whom), number)};
}

}  // namespace p2p::sim
