#include "engine/overlay/record_rules.h"

#include "engine/base/check.h"

namespace p2p {

namespace {

// A loopback record means something on its own machine only. Elsewhere the sender's address on the
// link is the one under which the same machine is reached.
Endpoint seen_from_the_peer(const Endpoint& endpoint, const Link& link) {
  const bool replaced = endpoint.address.is_loopback() && !link.remote.address.is_loopback();
  return replaced ? Endpoint{link.local.address, endpoint.port} : endpoint;
}

}  // namespace

bool acceptable_record(const Endpoint& record, const Link& link) {
  const Address& address = record.address;
  const Address& peer = link.remote.address;
  if (record.port == 0) return false;
  if (address.is_unspecified() || address.is_multicast() || address.is_link_local()) return false;
  if (address.is_loopback()) return peer.is_loopback();
  if (address.is_private()) return !peer.is_public();
  return true;
}

std::optional<Endpoint> record_for(const Endpoint& known, const Link& link) {
  const Endpoint record = seen_from_the_peer(known, link);
  if (!acceptable_record(record, link)) return std::nullopt;
  return record;
}

Endpoint own_record(const std::optional<Endpoint>& advertise, uint16_t listen_port,
                    const Link& link) {
  P2P_CHECK(listen_port != 0);
  Endpoint own = advertise.value_or(Endpoint{link.local.address, listen_port});
  if (own.port == 0) own.port = listen_port;
  return record_for(own, link).value_or(Endpoint{Address::any(), own.port});
}

Claim judge_claim(const Endpoint& claimed, const Link& link) {
  Claim claim;
  if (claimed.address == link.remote.address) {
    if (acceptable_record(claimed, link)) claim.believed = claimed;
    return claim;
  }
  const Endpoint seen{link.remote.address, claimed.port};
  for (const Endpoint& record : {claimed, seen}) {
    if (acceptable_record(record, link)) claim.hearsay.push_back(record);
  }
  return claim;
}

}  // namespace p2p
