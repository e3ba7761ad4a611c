#include "io_sim/world/made_bytes.h"

#include <algorithm>
#include <array>

#include "engine/base/random.h"

namespace p2p::sim {

namespace {

constexpr size_t kWord = 8;
constexpr size_t kLanes = 4;  // so that one multiplication does not wait for another
// Knuth's linear congruential generator (MMIX): its low bits are poor, which content may be.
constexpr uint64_t kFactor = 6'364'136'223'846'793'005;
constexpr uint64_t kStep = 1'442'695'040'888'963'407;

// Little-endian whatever the host's order; a compiler makes one store of it.
void put(uint64_t word, std::byte* out) {
  for (size_t i = 0; i < kWord; ++i) out[i] = static_cast<std::byte>(word >> (8 * i));
}

}  // namespace

void make_bytes(uint64_t seed, std::span<std::byte> out) {
  Random random(Seed{seed});
  std::array<uint64_t, kLanes> lanes{};
  for (uint64_t& lane : lanes) lane = random.next();
  constexpr size_t kRow = kLanes * kWord;
  std::array<std::byte, kRow> last{};
  for (;;) {
    std::byte* const row = out.size() >= kRow ? out.data() : last.data();
    for (size_t i = 0; i < kLanes; ++i) {
      put(lanes[i], row + i * kWord);
      lanes[i] = lanes[i] * kFactor + kStep;
    }
    if (out.size() < kRow) break;
    out = out.subspan(kRow);
  }
  std::copy_n(last.begin(), out.size(), out.begin());
}

}  // namespace p2p::sim
