// Random bytes for peers that make things up.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/random.h"

namespace p2p::sim {

void fill_randomly(Random& random, std::span<std::byte> out);
// The name of a piece that nobody has.
Digest random_digest(Random& random);
std::vector<Digest> random_digests(Random& random, size_t count);

}  // namespace p2p::sim
