#include "engine/overlay/port_rules.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace p2p::port_rules_test {
namespace {

TEST(PortRules, system_ports_are_of_others) {
  for (const uint16_t port : std::initializer_list<uint16_t>{1, 22, 25, 80, 443, 1023})
    EXPECT_TRUE(is_of_another_protocol(port));
  EXPECT_FALSE(is_of_another_protocol(1024));
}

TEST(PortRules, well_known_services_above_them_too) {
  for (const uint16_t port :
       std::initializer_list<uint16_t>{1080, 3306, 3389, 5432, 6379, 6667, 11211, 27017}) {
    EXPECT_TRUE(is_of_another_protocol(port)) << port;
  }
}

TEST(PortRules, our_own_and_those_that_a_kernel_gives_out_are_not) {
  for (const uint16_t port : std::initializer_list<uint16_t>{8100, 8101, 52197})
    EXPECT_FALSE(is_of_another_protocol(port));
  for (int port = 32768; port < 65536; ++port) {
    EXPECT_FALSE(is_of_another_protocol(static_cast<uint16_t>(port))) << port;
  }
}

}  // namespace
}  // namespace p2p::port_rules_test
