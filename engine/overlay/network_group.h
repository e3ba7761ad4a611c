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

// Both for judging peers, where addresses of machines and local networks say nothing about who owns
// how many of them. site_of: bucket_of a public address, any other address itself. network_group:
// network_of a public address; all others are one group, zero.
Address site_of(const Address& address);
Address network_group(const Address& address);

// A number for an address that a peer who doesn't know `key` can't make two addresses share.
uint32_t tag_of(const Address& address, uint64_t key);

}  // namespace p2p
