#include "apps/p2pnode/own_address.h"

#include <gtest/gtest.h>

namespace p2p::app {
namespace {

const Address own_v6 = *Address::parse("2001:db8::7");
const Address own_v4 = Address::v4(192, 0, 2, 7);

std::vector<std::string> texts(const std::vector<Endpoint>& endpoints) {
  std::vector<std::string> result;
  for (const Endpoint& endpoint : endpoints) result.push_back(endpoint.text());
  return result;
}

std::vector<std::string> reachable(const char* listening, const std::vector<Address>& outgoing) {
  return texts(reachable_endpoints(*Endpoint::parse(listening), outgoing));
}

TEST(ReachableEndpoints, of_a_node_that_listens_everywhere_are_those_of_its_routes) {
  EXPECT_EQ(reachable("[::]:9000", {own_v6, own_v4}),
            (std::vector<std::string>{"[2001:db8::7]:9000", "192.0.2.7:9000"}));
  EXPECT_EQ(reachable("0.0.0.0:9000", {own_v6, own_v4}),
            std::vector<std::string>{"192.0.2.7:9000"});
}

TEST(ReachableEndpoints, of_a_machine_that_is_alone_are_loopback) {
  EXPECT_EQ(reachable("[::]:9000", {}), std::vector<std::string>{"[::1]:9000"});
  EXPECT_EQ(reachable("0.0.0.0:9000", {}), std::vector<std::string>{"127.0.0.1:9000"});
}

TEST(ReachableEndpoints, of_a_node_that_listens_on_one_address_is_that) {
  EXPECT_EQ(reachable("[::1]:9000", {own_v6}), std::vector<std::string>{"[::1]:9000"});
}

TEST(OutgoingAddresses, are_of_use_to_other_hosts) {
  for (const Address& address : outgoing_addresses()) {
    EXPECT_FALSE(address.is_loopback() || address.is_link_local() || address.is_unspecified())
        << address.text();
  }
}

}  // namespace
}  // namespace p2p::app
