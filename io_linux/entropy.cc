#include "io_linux/entropy.h"

#include <sys/random.h>

#include <array>
#include <cerrno>

#include "engine/base/bytes.h"
#include "engine/base/check.h"

namespace p2p::io_linux {

void fill_random(std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    P2P_CHECK(got > 0);
    out = out.subspan(static_cast<size_t>(got));
  }
}

uint64_t random_u64() {
  std::array<std::byte, 8> bytes{};
  fill_random(bytes);
  return load_u64le(bytes);
}

}  // namespace p2p::io_linux
