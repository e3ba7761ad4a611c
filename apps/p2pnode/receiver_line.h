// What share and get agree on: the line that a receiver types, and the file that it makes.
#pragma once

#include <string>
#include <vector>

#include "engine/base/endpoint.h"
#include "engine/content/ticket.h"

namespace p2p::app {

// "p2pnode get TICKET -o NAME --bootstrap HOST:PORT", each word quoted for a shell where it must
// be.
std::string receiver_line(const Ticket& ticket, const std::vector<HostPort>& bootstrap);

// The name that a content gets when nobody chose one: the ticket's, made safe, else the first 16
// digits of the id.
std::string default_file_name(const Ticket& ticket);

}  // namespace p2p::app
