// How much later than its limit something may happen without being a violation: clocks drift by up
// to 0.1 %, and an engine acts when the world wakes it.
#pragma once

#include "engine/base/time.h"
#include "engine/core/limits.h"

namespace p2p::sim {

constexpr Duration with_slack(Duration limit) { return limit + limit / 100 + Duration::seconds(5); }

// From the moment an engine lets go of a connection in order until it asks for Close.
constexpr Duration closing_time(const Limits& limits) { return limits.flush + limits.linger; }

}  // namespace p2p::sim
