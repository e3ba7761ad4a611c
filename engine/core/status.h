// A snapshot of a node, for people and tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/endpoint.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace p2p {

struct PeerStatus {
  ConnId conn;
  Endpoint remote;
  bool accepted = false;
  bool identified = false;
  bool legacy = false;
  Duration age;
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
};

// The figures of a node that cost nothing to look at.
struct Totals {
  size_t connections = 0;  // in every phase, half-open dials and closing ones too
  size_t book_entries = 0;
  size_t pieces_held = 0;
  size_t pieces_wanted = 0;        // asked for by the application and not yet held
  size_t receive_budget_used = 0;  // bytes
};

struct Status {
  std::vector<PeerStatus> peers;      // open connections, by ConnId
  std::vector<Endpoint> known_alive;  // the address book's, this node not among them
  size_t book_entries = 0;
  size_t pieces_held = 0;
  size_t pieces_wanted = 0;        // asked for by the application and not yet held
  size_t receive_budget_used = 0;  // bytes
};

}  // namespace p2p
