#include "engine/base/endpoint.h"

#include <gtest/gtest.h>

#include <utility>

#include "engine/base/hex.h"

namespace p2p {
namespace {

std::string canonical(std::string_view text) {
  const auto address = Address::parse(text);
  return address ? address->text() : "refused";
}

TEST(Address, is_written_as_rfc_5952_says) {
  const std::pair<const char*, const char*> cases[] = {
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"0:0:0:0:0:0:0:1", "::1"},
      {"2001:0db8::0001", "2001:db8::1"},               // 4.1: no leading zeros
      {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},        // 4.2.1: as short as possible
      {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},  // 4.2.2: not for one group
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},          // 4.2.3: the longest run
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},    // 4.2.3: the first of equals
      {"2001:DB8::ABCD", "2001:db8::abcd"},             // 4.3: lower case
      {"1:0:0:0:0:0:0:0", "1::"},
      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"0:0:1::", "0:0:1::"},
      {"0:1:0:1:0:1:0:1", "0:1:0:1:0:1:0:1"},
      {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(canonical(text), expected) << text;
    EXPECT_EQ(canonical(expected), expected);
  }
}

TEST(Address, is_written_dotted_when_it_is_ipv4) {
  EXPECT_EQ(canonical("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(canonical("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(canonical("::ffff:c000:207"), "192.0.2.7");
  EXPECT_EQ(canonical("0.0.0.0"), "0.0.0.0");
  EXPECT_EQ(canonical("255.255.255.255"), "255.255.255.255");
  EXPECT_EQ(Address::parse("192.0.2.7"), Address::v4(192, 0, 2, 7));
  EXPECT_EQ(to_hex(Address::v4(192, 0, 2, 7).bytes), "00000000000000000000ffffc0000207");
}

TEST(Address, refuses_what_is_no_address) {
  for (const char* text : {"",
                           ":",
                           ":::",
                           "1",
                           "1:2",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1::2::3",
                           "1:::2",
                           "1:2:3:4::5:6:7:8",
                           "12345::",
                           "g::",
                           "::-1",
                           "::+1",
                           "::0x1",
                           ":1",
                           "1:",
                           "::1:",
                           " ::1",
                           "::1 ",
                           "[::1]",
                           "fe80::1%eth0",
                           "1.2.3",
                           "1.2.3.4.5",
                           "256.0.0.1",
                           "01.2.3.4",
                           "1.2.3.4 ",
                           "1..3.4",
                           "-1.2.3.4",
                           "1.2.3.0004",
                           "::1.2.3",
                           "1.2.3.4::",
                           "::1.2.3.4:5",
                           "1.2.3.4:5::",
                           "localhost",
                           "1:2:3:4:5:6:7:1.2.3.4"}) {
    EXPECT_EQ(Address::parse(text), std::nullopt) << text;
  }
}

struct Scope {
  const char* text;
  bool unspecified, loopback, multicast, link_local, is_private;
};

TEST(Address, knows_how_far_it_reaches) {
  const Scope scopes[] = {
      {"::", true, false, false, false, false},
      {"0.0.0.0", true, false, false, false, false},
      {"::1", false, true, false, false, false},
      {"127.0.0.1", false, true, false, false, false},
      {"127.255.255.255", false, true, false, false, false},
      {"ff02::1", false, false, true, false, false},
      {"224.0.0.1", false, false, true, false, false},
      {"239.255.255.255", false, false, true, false, false},
      {"fe80::1", false, false, false, true, false},
      {"febf::1", false, false, false, true, false},
      {"169.254.1.1", false, false, false, true, false},
      {"fc00::1", false, false, false, false, true},
      {"fdff::1", false, false, false, false, true},
      {"10.1.2.3", false, false, false, false, true},
      {"172.16.0.1", false, false, false, false, true},
      {"172.31.255.255", false, false, false, false, true},
      {"192.168.0.1", false, false, false, false, true},
      {"100.64.0.1", false, false, false, false, true},
      {"100.127.255.255", false, false, false, false, true},
  };
  for (const Scope& scope : scopes) {
    const Address address = *Address::parse(scope.text);
    EXPECT_EQ(address.is_unspecified(), scope.unspecified) << scope.text;
    EXPECT_EQ(address.is_loopback(), scope.loopback) << scope.text;
    EXPECT_EQ(address.is_multicast(), scope.multicast) << scope.text;
    EXPECT_EQ(address.is_link_local(), scope.link_local) << scope.text;
    EXPECT_EQ(address.is_private(), scope.is_private) << scope.text;
    EXPECT_FALSE(address.is_public()) << scope.text;
  }
}

TEST(Address, just_outside_a_special_range_is_public) {
  for (const char* text : {"2001:db8::1", "fec0::1", "fbff::1", "::2", "128.0.0.1", "126.0.0.1",
                           "11.0.0.1", "172.15.0.1", "172.32.0.1", "192.167.0.1", "192.169.0.1",
                           "100.63.0.1", "100.128.0.1", "169.253.0.1", "223.0.0.1", "192.0.2.7"}) {
    EXPECT_TRUE(Address::parse(text)->is_public()) << text;
  }
}

TEST(Endpoint, reads_what_it_writes) {
  for (const char* text : {"[::1]:8100", "192.0.2.7:52197", "[2001:db8::1]:0", "0.0.0.0:65535"}) {
    const auto endpoint = Endpoint::parse(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(endpoint->text(), text);
  }
}

TEST(Endpoint, takes_the_default_port_only_where_one_is_given) {
  const Endpoint expected{Address::loopback(), 8100};
  EXPECT_EQ(Endpoint::parse("::1", 8100), expected);
  EXPECT_EQ(Endpoint::parse("[::1]", 8100), expected);
  EXPECT_EQ(Endpoint::parse("127.0.0.1", 1)->text(), "127.0.0.1:1");
  EXPECT_EQ(Endpoint::parse("[::1]"), std::nullopt);
  EXPECT_EQ(Endpoint::parse("127.0.0.1"), std::nullopt);
}

TEST(Endpoint, refuses_what_is_no_endpoint) {
  for (const char* text :
       {"", ":", ":80", "[::1", "[::1]8100", "[::1]:", "[::1]:65536", "[::1]:-1", "[::1]: 80",
        "[::1]:0x50", "1.2.3.4:", "1.2.3.4:80:90", "host:80", "[]:80", "[[::1]]:80"}) {
    EXPECT_EQ(Endpoint::parse(text, 8100), std::nullopt) << text;
  }
}

TEST(HostPort, accepts_names_and_addresses) {
  EXPECT_EQ(HostPort::parse("example.org", 8100), (HostPort{"example.org", 8100}));
  EXPECT_EQ(HostPort::parse("example.org:80", 8100), (HostPort{"example.org", 80}));
  EXPECT_EQ(HostPort::parse("::1", 8100), (HostPort{"::1", 8100}));
  EXPECT_EQ(HostPort::parse("[::1]", 8100), (HostPort{"::1", 8100}));
  EXPECT_EQ(HostPort::parse("[::1]:80", 8100), (HostPort{"::1", 80}));
}

TEST(HostPort, refuses_a_port_of_zero_and_broken_brackets) {
  for (const char* text : {"", ":80", "host:", "host:0", "host:65536", "host:80x", "[host]:80",
                           "[::1", "[]", "1:2:3"}) {
    EXPECT_EQ(HostPort::parse(text, 8100), std::nullopt) << text;
  }
}

TEST(HostPort, is_written_with_brackets_round_an_ipv6_address) {
  EXPECT_EQ((HostPort{"::1", 80}).text(), "[::1]:80");
  EXPECT_EQ((HostPort{"example.org", 80}).text(), "example.org:80");
}

TEST(Port, is_a_decimal_number_of_16_bits) {
  EXPECT_EQ(parse_port("0"), 0);
  EXPECT_EQ(parse_port("65535"), 65535);
  for (const char* text : {"", "65536", "-1", "+1", " 1", "1 ", "1x", "0x1"}) {
    EXPECT_EQ(parse_port(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace p2p
