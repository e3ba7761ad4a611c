// Who gives up a slot of an accepted neighbour for a newcomer when all are taken. A pure function,
// after Bitcoin Core's SelectNodeToEvict (src/node/eviction.cpp).
//
// Whoever opens many connections from one network could take every slot and shut everybody else
// out. So a newcomer from a network with fewer neighbours gets the slot of the youngest from the
// network with most, but never of one that has proved itself: of those that gave most, of the older
// half of the others, or of an original, which dies when such a connection is closed. Where all are
// of one network, as on loopback, nobody goes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/endpoint.h"
#include "engine/base/ids.h"

namespace p2p {

struct SlotHolder {
  ConnId conn;
  Address network;           // network_group of its address
  uint64_t order = 0;        // later connections have larger ones; no two have the same
  uint64_t given_bytes = 0;  // of verified pieces
  bool legacy = false;
};

// So many of those that gave most keep their slots, if they gave anything.
inline constexpr size_t kUsefulKept = 8;

// nullopt: the newcomer gets none. The order of `holders` has no say.
std::optional<ConnId> whom_to_evict(std::vector<SlotHolder> holders, const Address& newcomer);

}  // namespace p2p
