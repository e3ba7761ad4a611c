#include "io_sim/peers/chance.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "engine/base/bytes.h"

namespace p2p::sim {

void fill_randomly(Random& random, std::span<std::byte> out) {
  std::array<std::byte, sizeof(uint64_t)> word{};
  while (!out.empty()) {
    store_u64le(word, random.next());
    const size_t count = std::min(word.size(), out.size());
    std::copy_n(word.begin(), count, out.begin());
    out = out.subspan(count);
  }
}

Digest random_digest(Random& random) {
  Digest digest;
  fill_randomly(random, digest.bytes);
  return digest;
}

std::vector<Digest> random_digests(Random& random, size_t count) {
  std::vector<Digest> digests(count);
  for (Digest& digest : digests) digest = random_digest(random);
  return digests;
}

}  // namespace p2p::sim
