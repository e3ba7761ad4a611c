#include "apps/p2pnode/offer.h"

#include "apps/p2pnode/importing.h"
#include "apps/p2pnode/json_line.h"
#include "apps/p2pnode/own_address.h"
#include "apps/p2pnode/receiver_line.h"

namespace p2p::app {
namespace {

std::string offer_json(const Offer& offer) {
  nlohmann::ordered_json json = object_with_schema();
  json["event"] = "added";
  json["id"] = offer.ticket.id.hex();
  json["name"] = offer.ticket.name.value_or("");
  json["kind"] = offer.kind == ContentKind::directory ? "directory" : "file";
  json["bytes"] = offer.ticket.size.value_or(0);
  json["ticket"] = ticket_text(offer.ticket);
  return line_of(json);
}

}  // namespace

Ticket ticket_of(const io_linux::Imported& imported, const std::string& path,
                 PieceSize piece_size) {
  Ticket ticket;
  ticket.id = imported.id;
  ticket.name = file_name_of(path);
  ticket.size = imported.length;
  ticket.piece_size = piece_size;
  return ticket;
}

std::vector<HostPort> reachable_peers(const Endpoint& listening,
                                      const std::optional<Endpoint>& advertise) {
  std::vector<Endpoint> endpoints;
  if (advertise) {
    endpoints.push_back(
        {advertise->address, advertise->port == 0 ? listening.port : advertise->port});
  } else {
    endpoints = reachable_endpoints(listening, outgoing_addresses());
  }
  std::vector<HostPort> peers;
  for (const Endpoint& endpoint : endpoints) {
    peers.push_back({endpoint.address.text(), endpoint.port});
  }
  return peers;
}

std::string offer_text(const Offer& offer, bool json, bool quiet) {
  if (json) return offer_json(offer);
  if (quiet && !offer.shared) return offer.ticket.id.hex();
  const std::string added = added_line(offer.ticket.id, offer.ticket.name.value_or(""));
  return offer.shared ? added + "\n" + receiver_line(offer.ticket, offer.bootstrap) : added;
}

}  // namespace p2p::app
