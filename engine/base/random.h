// The engine's only source of chance: one seed, one generator, our own distributions, so that a run
// is the same with every compiler and library. Not for secrets: keys come in through Config.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/time.h"

namespace p2p {

struct Seed {
  uint64_t value = 0;
};

// xoshiro256** (Blackman and Vigna, 2018), seeded through splitmix64.
class Random {
 public:
  explicit Random(Seed seed);

  uint64_t next();
  // Uniform in [0, bound). Requires bound > 0.
  uint64_t below(uint64_t bound);
  // Uniform in [low, high]. Requires low <= high.
  Duration between(Duration low, Duration high);
  // `mean` less or more by up to a quarter.
  Duration jittered(Duration mean);

  template <class T>
  void shuffle(std::vector<T>& items) {
    for (size_t i = items.size(); i > 1; --i) {
      const auto j = static_cast<size_t>(below(i));
      std::swap(items[i - 1], items[j]);
    }
  }

 private:
  uint64_t state_[4];
};

}  // namespace p2p
