// How one node is set up. The application fills it in; it does not change during a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/endpoint.h"
#include "engine/base/piece_size.h"
#include "engine/core/limits.h"

namespace p2p {

struct Config {
  PieceSize piece_size;
  // The port that the world listens on; 0: this node accepts no connections.
  uint16_t listen_port = 0;
  // The address that it listens on; :: for all, 0.0.0.0 for all of IPv4.
  Address listen_address = Address::any();
  // What other nodes are told in place of a connection's own local address. A port of 0 means the
  // listening port.
  std::optional<Endpoint> advertise;
  std::vector<HostPort> bootstrap;
  // Random at each start of the node; tells it from every other (docs/protocol.md, Hello).
  uint64_t nonce = 0;
  Limits limits;
};

}  // namespace p2p
