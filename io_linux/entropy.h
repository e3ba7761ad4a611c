// The kernel's entropy (getrandom), for seeds and nonces. Ends the program if there is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace p2p::io_linux {

void fill_random(std::span<std::byte> out);
uint64_t random_u64();

}  // namespace p2p::io_linux
