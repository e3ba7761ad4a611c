// The world's clock: CLOCK_BOOTTIME, from the start of the machine. Unlike CLOCK_MONOTONIC it goes
// on while the machine sleeps, so that after a laptop wakes, peers count as silent and records as
// old as they are. Never goes back.
#pragma once

#include "engine/base/time.h"

namespace p2p::io_linux {

Time clock_now();

}  // namespace p2p::io_linux
