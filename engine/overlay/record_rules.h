// Which records of endpoints go over a connection, and which that came over one are worth anything
// (docs/protocol.md, Whose address). Pure functions of an endpoint and the connection's two ends.
//
// A link is a loopback link when its remote address is one: that peer is on this machine, and there
// alone does a loopback address mean the same to both ends. [::1] and 127.0.0.1 are different
// endpoints of it, as a program may listen on one of them only.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/endpoint.h"

namespace p2p {

// The two ends of the connection that a record is sent or received over.
struct Link {
  Endpoint local;
  Endpoint remote;
};

// What this node writes for `known`, another node's endpoint, in a list sent over `link`; nullopt:
// nothing. Unspecified and multicast addresses and port 0 are never sent, link-local ones neither,
// private ones not to a peer with a public address. A loopback record over another link carries the
// link's local address, under the same rules.
std::optional<Endpoint> record_for(const Endpoint& known, const Link& link);

// Whether a record that came over `link` is worth remembering; what may be sent over one is judged
// alike. Not: unspecified, multicast, link-local, port 0; private to or from a peer with a public
// address; loopback where the peer's address isn't.
bool acceptable_record(const Endpoint& record, const Link& link);

// This node's own record over `link`, the first of its hello: `advertise` (port 0: the listening
// port), else the local address with the listening port. A loopback one is replaced as above. Where
// the address may not be sent at all, it is [::] with the port: the peer adds the address that it
// sees (judge_claim). That belongs in a hello only, and acceptable_record is false for it; a list
// for a legacy peer goes without. Requires listen_port != 0.
Endpoint own_record(const std::optional<Endpoint>& advertise, uint16_t listen_port,
                    const Link& link);

// What follows from the first record of a listening node's hello. Only acceptable records are left.
struct Claim {
  // The claimed address is the one seen: as good as spoken with, while the connection lives.
  std::optional<Endpoint> believed;
  // It is another: the claim, then the seen address with the claimed port.
  std::vector<Endpoint> hearsay;
};
Claim judge_claim(const Endpoint& claimed, const Link& link);

}  // namespace p2p
