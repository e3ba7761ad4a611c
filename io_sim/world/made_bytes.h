// Bytes that follow from a seed, as fast as memory takes them: what simulated contents are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace p2p::sim {

// Fills `out`. Another seed gives other bytes; a shorter span the same ones, as far as it goes.
void make_bytes(uint64_t seed, std::span<std::byte> out);

}  // namespace p2p::sim
