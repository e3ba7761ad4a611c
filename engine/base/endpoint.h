// An IPv6 address and a port: where a peer listens, or one end of a connection. IPv4 is written as
// ::ffff:a.b.c.d, on the wire and here.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace p2p {

struct Address {
  // Network order, as in an IPv6 header.
  std::array<std::byte, 16> bytes{};

  static Address loopback();  // ::1
  static Address any();       // ::
  static Address v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d);
  // IPv6 text without brackets or zone, or dotted IPv4; nullopt for anything else, names too.
  static std::optional<Address> parse(std::string_view text);

  bool is_v4_mapped() const;
  bool is_unspecified() const;  // :: or 0.0.0.0
  bool is_loopback() const;     // ::1 or 127.0.0.0/8
  bool is_multicast() const;    // ff00::/8 or 224.0.0.0/4
  bool is_link_local() const;   // fe80::/10 or 169.254.0.0/16
  // fc00::/7, 10/8, 172.16/12, 192.168/16, 100.64/10 (RFC 4193, 1918, 6598).
  bool is_private() const;
  // None of the above: an address that the whole Internet may use.
  bool is_public() const;

  // RFC 5952 for IPv6, dotted for IPv4.
  std::string text() const;

  friend auto operator<=>(const Address&, const Address&) = default;
};

struct Endpoint {
  Address address;
  uint16_t port = 0;

  // "[::1]:8100" or "192.0.2.7:8100".
  std::string text() const;
  // The same, and "ADDRESS" alone where `default_port` is given; nullopt for anything else.
  static std::optional<Endpoint> parse(std::string_view text,
                                       std::optional<uint16_t> default_port = std::nullopt);

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

// A host that may be a name, and a port. What people type for --bootstrap.
struct HostPort {
  std::string host;
  uint16_t port = 0;

  // "HOST", "HOST:PORT", "[V6]", "[V6]:PORT" or a bare IPv6 address; nullopt otherwise.
  static std::optional<HostPort> parse(std::string_view text, uint16_t default_port);
  // With brackets round an IPv6 address.
  std::string text() const;

  friend auto operator<=>(const HostPort&, const HostPort&) = default;
};

// A decimal number from 0 to 65535, nothing else.
std::optional<uint16_t> parse_port(std::string_view text);

}  // namespace p2p
