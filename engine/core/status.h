// A snapshot of a node, for people and tests.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/endpoint.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/core/event.h"
#include "engine/core/notice.h"
#include "engine/overlay/scores.h"

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
  std::optional<Endpoint> listens;  // where the node there accepts connections, as far as believed
  Duration silent;                  // since it sent anything last, or since it opened
  uint32_t score = 0;               // its misdeeds (misdeeds.h), fading
  uint32_t address_score = 0;       // what is held against its address (overlay/scores.h), fading
  bool surplus = false;             // beyond the neighbours: kept only while pieces move
};

// How many endpoints the address book holds, by what it makes of them.
struct BookSizes {
  size_t tried = 0;    // spoken with
  size_t hearsay = 0;  // heard of only
  size_t shunned = 0;  // left alone for a while; of those, some are in the book
  size_t own = 0;      // that turned out to be this node
};

// Since the engine was made. Of connections that are open nothing but their opening is counted.
struct ConnectionCounts {
  uint64_t dials_started = 0;
  uint64_t dials_succeeded = 0;
  std::array<uint64_t, kNetErrors> dials_failed{};  // by NetError
  uint64_t accepted = 0;
  std::array<uint64_t, kCloseReasons> closed{};  // by this node, by CloseReason
  std::array<uint64_t, kNetErrors> ended{};      // by the peer or the network, by NetError
};

// The figures of a node that cost nothing to look at.
struct Totals {
  size_t connections = 0;  // in every phase, half-open dials and closing ones too
  size_t book_entries = 0;
  size_t pieces_held = 0;
  size_t pieces_wanted = 0;        // asked for by the application and not yet held
  size_t receive_budget_used = 0;  // bytes
  uint64_t payload_sent = 0;       // bytes of pieces, to all peers, since the engine was made
};

struct Status {
  std::vector<PeerStatus> peers;      // open connections, by ConnId
  std::vector<Endpoint> known_alive;  // the address book's, this node not among them
  size_t book_entries = 0;
  size_t pieces_held = 0;
  size_t pieces_wanted = 0;        // asked for by the application and not yet held
  size_t receive_budget_used = 0;  // bytes
  Time as_of;                      // the latest event's: ages are counted up to it
  BookSizes book;
  ConnectionCounts counts;
  std::vector<Refusal> refusals;  // addresses and networks from which few are let in
};

}  // namespace p2p
