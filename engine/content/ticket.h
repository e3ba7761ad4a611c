// A ticket: the id of a content with what helps to get it, as one line of text that people pass on
// (docs/protocol.md, Tickets).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/endpoint.h"
#include "engine/base/piece_size.h"

namespace p2p {

// Everything but the id is what somebody claims. `name` may hold any bytes, "/" and control
// characters too: whoever makes a path of it, or prints it, must make it safe.
struct Ticket {
  Digest id;
  std::optional<std::string> name;
  std::optional<uint64_t> size;  // bytes
  std::optional<PieceSize> piece_size;
  std::vector<HostPort> peers;

  friend bool operator==(const Ticket&, const Ticket&) = default;
};

// Reads a ticket, or the 64 hex digits of an id alone, of either case. Otherwise says in a sentence
// without capital and full stop what is wrong.
std::variant<Ticket, std::string> parse_ticket(std::string_view text);

// parse_ticket of it gives the ticket back, if its peers are such as HostPort::parse makes.
std::string ticket_text(const Ticket& ticket);

}  // namespace p2p
