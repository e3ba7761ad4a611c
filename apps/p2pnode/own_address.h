// Under which addresses other hosts reach this machine, as far as it can tell by itself.
#pragma once

#include <vector>

#include "engine/base/endpoint.h"

namespace p2p::app {

// The address that a connection to a far host would have here, of IPv6 and of IPv4; without a route
// to there, the first one of an interface that is up. No loopback and no link-local ones. Sends
// nothing. Empty: this machine is alone.
std::vector<Address> outgoing_addresses();

// What a node that listens on `listening` is reached by: the address that it
// listens on or, where that is [::] or 0.0.0.0, the outgoing ones, else the loopback address.
std::vector<Endpoint> reachable_endpoints(const Endpoint& listening,
                                          const std::vector<Address>& outgoing);

}  // namespace p2p::app
