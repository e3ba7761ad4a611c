// What add and share print of a content that is listed: its id, and how others get it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/endpoint.h"
#include "engine/base/piece_size.h"
#include "engine/content/ticket.h"
#include "engine/content/tree.h"
#include "io_linux/store/import.h"

namespace p2p::app {

// Without peers. `path`: where it was imported from.
Ticket ticket_of(const io_linux::Imported& imported, const std::string& path, PieceSize piece_size);

// Where a node that listens there is dialled: as it advertises, else by what this machine can tell.
std::vector<HostPort> reachable_peers(const Endpoint& listening,
                                      const std::optional<Endpoint>& advertise);

struct Offer {
  Ticket ticket;
  ContentKind kind = ContentKind::file;
  bool shared = false;              // a node serves it: say what the receiver types
  std::vector<HostPort> bootstrap;  // that the receiver is to join through too
};
// "added ID NAME" and what the receiver types; with `json` one object; with `quiet` the id alone.
std::string offer_text(const Offer& offer, bool json, bool quiet);

}  // namespace p2p::app
