// Where endpoints and ids are to each other (docs/protocol.md, Finding holders). A place is the
// SHA-256 of an endpoint's 18-byte record; ids are digests as they are. The distance of two is
// their XOR, a number of 256 bits, the first byte the highest: Kademlia's metric (Maymounkov and
// Mazieres, 2002).
#pragma once

#include <cstddef>

#include "engine/base/digest.h"
#include "engine/base/endpoint.h"

namespace p2p {

Digest place_of(const Endpoint& endpoint);

// As a digest, so that distances compare as numbers do.
Digest distance(const Digest& a, const Digest& b);

// How many leading bits two places have in common: 0 to 256.
size_t shared_prefix(const Digest& a, const Digest& b);

}  // namespace p2p
