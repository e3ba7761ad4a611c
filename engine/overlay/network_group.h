// What one party easily has many of, and therefore counts as one where nobody is to have too much.
#pragma once

#include <cstdint>

#include "engine/base/endpoint.h"

namespace p2p {

// The addresses of an IPv6 /64 count as one address; an IPv4 address is one.
Address bucket_of(const Address& address);

// The network that an address is of: a /16 of IPv4, a /32 of IPv6, as those are what one provider
// has, and 127/8; all else zero.
Address network_of(const Address& address);

// A number for an address that a peer who doesn't know `key` can't make two addresses share.
uint32_t tag_of(const Address& address, uint64_t key);

}  // namespace p2p
