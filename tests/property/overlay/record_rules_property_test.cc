// What holds of any record over any connection (docs/protocol.md, Whose address).
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "engine/overlay/record_rules.h"

namespace p2p {
namespace {

// Every kind of address often, and arbitrary ones.
rc::Gen<Address> any_address() {
  const auto octet = rc::gen::arbitrary<uint8_t>();
  const auto v4 = [&octet](uint8_t a, uint8_t b) {
    return rc::gen::map(rc::gen::pair(octet, octet), [a, b](const std::pair<uint8_t, uint8_t>& cd) {
      return Address::v4(a, b, cd.first, cd.second);
    });
  };
  const auto v6 = [&octet](uint8_t a, uint8_t b) {
    return rc::gen::map(octet, [a, b](uint8_t last) {
      Address address;
      address.bytes[0] = std::byte{a};
      address.bytes[1] = std::byte{b};
      address.bytes[15] = std::byte{last};
      return address;
    });
  };
  const auto anything = rc::gen::map(rc::gen::container<std::array<uint8_t, 16>>(octet),
                                     [](const std::array<uint8_t, 16>& bytes) {
                                       Address address;
                                       for (size_t i = 0; i < bytes.size(); ++i)
                                         address.bytes[i] = std::byte{bytes[i]};
                                       return address;
                                     });
  return rc::gen::oneOf(rc::gen::just(Address::any()), rc::gen::just(Address::loopback()),
                        v4(127, 0), v4(10, 0), v4(192, 168), v4(169, 254), v4(224, 0), v4(0, 0),
                        v4(198, 51), v4(203, 0), v6(0xfd, 0), v6(0xfe, 0x80), v6(0xff, 2),
                        v6(0x20, 1), v6(0x2a, 2), anything);
}

Endpoint any_endpoint() {
  const Address address = *any_address();
  const auto port = *rc::gen::oneOf(rc::gen::just<uint16_t>(0), rc::gen::arbitrary<uint16_t>());
  return {address, port};
}

Link any_link() {
  const Endpoint local = any_endpoint();
  const Endpoint remote = any_endpoint();
  return {local, remote};
}

void assert_may_cross(const Endpoint& record, const Link& link) {
  const Address& address = record.address;
  RC_ASSERT(record.port != 0);
  RC_ASSERT(!address.is_unspecified());
  RC_ASSERT(!address.is_multicast());
  RC_ASSERT(!address.is_link_local());
  RC_ASSERT(!(address.is_loopback() && !link.remote.address.is_loopback()));
  RC_ASSERT(!(address.is_private() && link.remote.address.is_public()));
}

RC_GTEST_PROP(RecordRulesProperty, what_is_sent_breaks_no_rule, ()) {
  const Endpoint known = any_endpoint();
  const Link link = any_link();
  const auto record = record_for(known, link);
  if (!record) return;
  assert_may_cross(*record, link);
  RC_ASSERT(record->port == known.port);
  RC_ASSERT(record->address == known.address || record->address == link.local.address);
  RC_ASSERT(record_for(*record, link) == record);
}

RC_GTEST_PROP(RecordRulesProperty, what_is_accepted_breaks_no_rule, ()) {
  const Endpoint record = any_endpoint();
  const Link link = any_link();
  if (acceptable_record(record, link)) assert_may_cross(record, link);
}

RC_GTEST_PROP(RecordRulesProperty, own_record_breaks_no_rule_or_claims_a_port_alone, ()) {
  const Endpoint advertised = any_endpoint();
  const Link link = any_link();
  const auto port = *rc::gen::inRange<uint16_t>(1, 65535);
  for (const auto& advertise : {std::optional<Endpoint>(), std::optional<Endpoint>(advertised)}) {
    const Endpoint own = own_record(advertise, port, link);
    RC_ASSERT(own.port != 0);
    if (own.address != Address::any()) assert_may_cross(own, link);
  }
}

RC_GTEST_PROP(RecordRulesProperty, a_claim_yields_its_port_at_the_claimed_or_the_seen_address, ()) {
  const Endpoint claimed = any_endpoint();
  Link link = any_link();
  if (*rc::gen::arbitrary<bool>()) link.remote.address = claimed.address;
  const Claim claim = judge_claim(claimed, link);
  if (claim.believed) {
    RC_ASSERT(*claim.believed == claimed);
    RC_ASSERT(claimed.address == link.remote.address);
    RC_ASSERT(claim.hearsay.empty());
    assert_may_cross(claimed, link);
  }
  RC_ASSERT(claim.hearsay.size() <= 2U);
  for (const Endpoint& endpoint : claim.hearsay) {
    RC_ASSERT(endpoint == claimed || endpoint == (Endpoint{link.remote.address, claimed.port}));
    assert_may_cross(endpoint, link);
  }
}

}  // namespace
}  // namespace p2p
