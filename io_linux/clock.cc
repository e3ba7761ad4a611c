#include "io_linux/clock.h"

#include <ctime>

#include "engine/base/check.h"

namespace p2p::io_linux {

Time clock_now() {
  timespec now{};
  P2P_CHECK(::clock_gettime(CLOCK_BOOTTIME, &now) == 0);
  return Time::from_ns(int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec);
}

}  // namespace p2p::io_linux
