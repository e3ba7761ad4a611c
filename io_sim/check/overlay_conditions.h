// Claims about the overlay as a whole and what it costs: who is at the end of how many connections,
// how much of what was dialled is honest, what nodes dial and send.
#pragma once

#include "io_sim/check/look.h"

namespace p2p::sim {

// Each node that is running is an end of at most the share of all connections.
Finding look_share_of_connections(const Look& look);
Finding look_honest_neighbours(const Look& look);
// Holds where nothing was dialled.
Finding look_dialled_honest(const Look& look);
// Of every node named, running or not: a victim may be a host where nobody listens.
Finding look_dials_per_minute(const Look& look);
Finding look_bytes_per_hour(const Look& look);

}  // namespace p2p::sim
