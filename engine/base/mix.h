// One step of hashing integers that peers choose, together with a key that they don't know.
#pragma once

#include <cstdint>

namespace p2p {

// The finaliser of splitmix64: every bit of the input changes half of the output's.
constexpr uint64_t mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace p2p
