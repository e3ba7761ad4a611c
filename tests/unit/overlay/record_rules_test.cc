// docs/protocol.md, Whose address, rule by rule.
#include "engine/overlay/record_rules.h"

#include <gtest/gtest.h>

#include <vector>

namespace p2p::record_rules_test {
namespace {

Endpoint at(const char* text) { return Endpoint::parse(text).value(); }
Link link(const char* local, const char* remote) { return {at(local), at(remote)}; }

const Link kLoopback = link("[::1]:8100", "[::1]:40000");
const Link kLoopbackV4 = link("127.0.0.1:8100", "127.0.0.1:40000");
const Link kHome = link("192.168.1.5:8100", "192.168.1.9:40000");
const Link kInternet = link("[2001:db8::5]:8100", "[2001:db8::9]:40000");
const Link kInternetV4 = link("198.51.100.5:8100", "203.0.113.9:40000");
// A node behind a translating router, talking to a public one.
const Link kTranslated = link("192.168.1.5:50000", "203.0.113.9:8100");

TEST(RecordFor, public_endpoint_goes_everywhere_unchanged) {
  for (const Link& l : {kLoopback, kLoopbackV4, kHome, kInternet, kInternetV4, kTranslated}) {
    EXPECT_EQ(record_for(at("192.0.2.7:8100"), l), at("192.0.2.7:8100"));
    EXPECT_EQ(record_for(at("[2001:db8::7]:8100"), l), at("[2001:db8::7]:8100"));
  }
}

TEST(RecordFor, loopback_stays_loopback_on_this_machine) {
  EXPECT_EQ(record_for(at("[::1]:52197"), kLoopback), at("[::1]:52197"));
  EXPECT_EQ(record_for(at("127.0.0.1:52197"), kLoopbackV4), at("127.0.0.1:52197"));
}

TEST(RecordFor, loopback_of_the_other_family_is_not_rewritten_on_this_machine) {
  EXPECT_EQ(record_for(at("127.0.0.1:52197"), kLoopback), at("127.0.0.1:52197"));
  EXPECT_EQ(record_for(at("[::1]:52197"), kLoopbackV4), at("[::1]:52197"));
}

TEST(RecordFor, loopback_carries_the_connections_local_address_elsewhere) {
  EXPECT_EQ(record_for(at("[::1]:52197"), kHome), at("192.168.1.5:52197"));
  EXPECT_EQ(record_for(at("127.0.0.1:52197"), kInternet), at("[2001:db8::5]:52197"));
  EXPECT_EQ(record_for(at("127.9.9.9:52197"), kInternetV4), at("198.51.100.5:52197"));
}

TEST(RecordFor, loopback_is_not_sent_when_the_local_address_may_not_be) {
  EXPECT_EQ(record_for(at("[::1]:52197"), kTranslated), std::nullopt);
  EXPECT_EQ(record_for(at("[::1]:52197"), link("[fe80::1]:8100", "[fe80::2]:40000")), std::nullopt);
}

TEST(RecordFor, private_endpoint_never_goes_to_a_public_peer) {
  const std::vector<Endpoint> private_ones{at("10.0.0.1:1"), at("172.16.0.1:1"),
                                           at("192.168.0.1:1"), at("100.64.0.1:1"),
                                           at("[fd00::1]:1")};
  for (const Endpoint& endpoint : private_ones) {
    EXPECT_EQ(record_for(endpoint, kInternet), std::nullopt) << endpoint.text();
    EXPECT_EQ(record_for(endpoint, kInternetV4), std::nullopt) << endpoint.text();
    EXPECT_EQ(record_for(endpoint, kTranslated), std::nullopt) << endpoint.text();
    EXPECT_EQ(record_for(endpoint, kHome), endpoint) << endpoint.text();
    EXPECT_EQ(record_for(endpoint, kLoopback), endpoint) << endpoint.text();
  }
}

TEST(RecordFor, useless_records_are_sent_to_nobody) {
  for (const Link& l : {kLoopback, kHome, kInternet, kInternetV4}) {
    for (const char* text : {"[::]:8100", "0.0.0.0:8100", "[ff02::1]:8100", "224.0.0.1:8100",
                             "[fe80::1]:8100", "169.254.1.1:8100", "192.0.2.7:0", "[::1]:0"}) {
      EXPECT_EQ(record_for(at(text), l), std::nullopt) << text;
    }
  }
}

TEST(OwnRecord, is_the_local_address_with_the_listening_port) {
  EXPECT_EQ(own_record(std::nullopt, 8100, link("[::1]:50000", "[::1]:8101")), at("[::1]:8100"));
  EXPECT_EQ(own_record(std::nullopt, 8100, link("192.168.1.5:50000", "192.168.1.9:8101")),
            at("192.168.1.5:8100"));
}

TEST(OwnRecord, is_what_the_node_was_told_to_advertise) {
  EXPECT_EQ(own_record(at("203.0.113.1:9000"), 8100, kHome), at("203.0.113.1:9000"));
  EXPECT_EQ(own_record(at("203.0.113.1:0"), 8100, kHome), at("203.0.113.1:8100"));
}

TEST(OwnRecord, advertised_loopback_is_replaced_for_another_machine) {
  EXPECT_EQ(own_record(at("[::1]:9000"), 8100, kHome), at("192.168.1.5:9000"));
  EXPECT_EQ(own_record(at("[::1]:9000"), 8100, kLoopback), at("[::1]:9000"));
}

TEST(OwnRecord, claims_only_its_port_where_its_address_may_not_be_sent) {
  const Endpoint port_alone = at("[::]:8100");
  EXPECT_EQ(own_record(std::nullopt, 8100, kTranslated), port_alone);
  EXPECT_EQ(own_record(at("192.168.1.5:8100"), 8100, kInternet), port_alone);
  EXPECT_EQ(own_record(std::nullopt, 8100, link("[fe80::1]:8100", "[fe80::2]:1")), port_alone);
  EXPECT_FALSE(acceptable_record(port_alone, kTranslated));
}

TEST(AcceptableRecord, usable_addresses_are_accepted_from_whoever_can_use_them) {
  EXPECT_TRUE(acceptable_record(at("192.0.2.7:8100"), kInternet));
  EXPECT_TRUE(acceptable_record(at("192.0.2.7:8100"), kHome));
  EXPECT_TRUE(acceptable_record(at("192.168.1.7:8100"), kHome));
  EXPECT_TRUE(acceptable_record(at("192.168.1.7:8100"), kLoopback));
  EXPECT_TRUE(acceptable_record(at("[::1]:8100"), kLoopback));
  EXPECT_TRUE(acceptable_record(at("127.0.0.1:8100"), kLoopback));
  EXPECT_TRUE(acceptable_record(at("[::1]:8100"), kLoopbackV4));
}

TEST(AcceptableRecord, no_peer_elsewhere_makes_a_node_dial_its_own_machine) {
  for (const Link& l : {kHome, kInternet, kInternetV4, kTranslated}) {
    EXPECT_FALSE(acceptable_record(at("[::1]:8100"), l));
    EXPECT_FALSE(acceptable_record(at("127.0.0.1:8100"), l));
    EXPECT_FALSE(acceptable_record(at("127.255.0.3:8100"), l));
  }
}

TEST(AcceptableRecord, no_public_peer_makes_a_node_dial_into_a_private_network) {
  EXPECT_FALSE(acceptable_record(at("192.168.1.7:8100"), kTranslated));
  EXPECT_FALSE(acceptable_record(at("10.1.1.1:8100"), kInternet));
  EXPECT_FALSE(acceptable_record(at("[fd00::7]:8100"), kInternet));
}

TEST(AcceptableRecord, what_no_peer_can_mean_is_refused) {
  for (const char* text : {"[::]:8100", "0.0.0.0:8100", "[ff02::1]:8100", "239.1.1.1:8100",
                           "[fe80::1]:8100", "169.254.1.1:8100", "192.0.2.7:0", "[::1]:0"}) {
    EXPECT_FALSE(acceptable_record(at(text), kLoopback)) << text;
    EXPECT_FALSE(acceptable_record(at(text), kInternet)) << text;
  }
}

TEST(JudgeClaim, claim_of_the_address_seen_is_believed_with_its_port) {
  const Claim claim = judge_claim(at("192.168.1.9:8101"), kHome);
  EXPECT_EQ(claim.believed, at("192.168.1.9:8101"));
  EXPECT_TRUE(claim.hearsay.empty());
  EXPECT_EQ(judge_claim(at("[::1]:8101"), kLoopback).believed, at("[::1]:8101"));
  EXPECT_EQ(judge_claim(at("127.0.0.1:8101"), kLoopbackV4).believed, at("127.0.0.1:8101"));
}

TEST(JudgeClaim, claim_of_another_address_is_hearsay_and_so_is_the_seen_one_with_its_port) {
  const Claim claim = judge_claim(at("198.51.100.7:9000"), kInternetV4);
  EXPECT_EQ(claim.believed, std::nullopt);
  EXPECT_EQ(claim.hearsay,
            (std::vector<Endpoint>{at("198.51.100.7:9000"), at("203.0.113.9:9000")}));
}

TEST(JudgeClaim, loopback_of_the_other_family_is_hearsay_both_ways) {
  EXPECT_EQ(judge_claim(at("127.0.0.1:8101"), kLoopback).hearsay,
            (std::vector<Endpoint>{at("127.0.0.1:8101"), at("[::1]:8101")}));
  EXPECT_EQ(judge_claim(at("[::1]:8101"), kLoopbackV4).hearsay,
            (std::vector<Endpoint>{at("[::1]:8101"), at("127.0.0.1:8101")}));
}

TEST(JudgeClaim, unacceptable_claim_leaves_the_seen_address_with_its_port) {
  const std::vector<Endpoint> seen{at("203.0.113.9:9000")};
  EXPECT_EQ(judge_claim(at("192.168.1.5:9000"), kInternetV4).hearsay, seen);
  EXPECT_EQ(judge_claim(at("[::1]:9000"), kInternetV4).hearsay, seen);
  EXPECT_EQ(judge_claim(at("[::]:9000"), kInternetV4).hearsay, seen);
}

TEST(JudgeClaim, a_port_of_zero_claims_nothing) {
  for (const char* text : {"203.0.113.9:0", "198.51.100.7:0"}) {
    const Claim claim = judge_claim(at(text), kInternetV4);
    EXPECT_EQ(claim.believed, std::nullopt);
    EXPECT_TRUE(claim.hearsay.empty());
  }
}

TEST(JudgeClaim, link_local_claim_is_not_believed_though_seen) {
  const Claim claim = judge_claim(at("[fe80::2]:8100"), link("[fe80::1]:1", "[fe80::2]:2"));
  EXPECT_EQ(claim.believed, std::nullopt);
  EXPECT_TRUE(claim.hearsay.empty());
}

// The node behind the router claims its port; whoever hears it dials the router.
TEST(JudgeClaim, what_own_record_leaves_out_the_peer_adds) {
  const Endpoint own = own_record(std::nullopt, 8100, kTranslated);
  const Link at_the_peer = link("203.0.113.9:8100", "198.51.100.1:61000");
  EXPECT_EQ(judge_claim(own, at_the_peer).hearsay, std::vector<Endpoint>{at("198.51.100.1:8100")});
}

}  // namespace
}  // namespace p2p::record_rules_test
