// Ports that are not dialled because somebody said so: a lie would make nodes connect to another
// service, which may take it for an attack, or for a command.
#pragma once

#include <cstdint>

namespace p2p {

// Whether another protocol than ours is at home on this port: all below 1024 (RFC 6335, System
// Ports), and those above that databases, remote desktops, telephones and the like listen on. A
// node may listen there all the same; it is reached by those who name it, and by those that it
// dials.
bool is_of_another_protocol(uint16_t port);

}  // namespace p2p
