#include "engine/base/endpoint.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace p2p {

namespace {

constexpr size_t kGroups = 8;

uint8_t octet(const Address& address, size_t i) {
  return std::to_integer<uint8_t>(address.bytes[i]);
}

std::optional<std::array<uint8_t, 4>> parse_dotted(std::string_view text) {
  std::array<uint8_t, 4> octets{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (size_t i = 0; i < 4; ++i) {
    if (i > 0 && (at == end || *at++ != '.')) return std::nullopt;
    const char* const start = at;
    unsigned value = 0;
    const auto result = std::from_chars(at, end, value);
    const auto digits = result.ptr - start;
    if (result.ec != std::errc() || value > 255 || digits > 3) return std::nullopt;
    if (digits > 1 && *start == '0') return std::nullopt;
    octets[i] = static_cast<uint8_t>(value);
    at = result.ptr;
  }
  if (at != end) return std::nullopt;
  return octets;
}

// The 16-bit groups of one side of "::". A dotted IPv4 address may stand last.
std::optional<std::vector<uint16_t>> parse_groups(std::string_view text, bool dotted_allowed) {
  std::vector<uint16_t> groups;
  while (!text.empty()) {
    const size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    if (dotted_allowed && colon == std::string_view::npos &&
        part.find('.') != std::string_view::npos) {
      const auto octets = parse_dotted(part);
      if (!octets) return std::nullopt;
      groups.push_back(static_cast<uint16_t>((*octets)[0] << 8 | (*octets)[1]));
      groups.push_back(static_cast<uint16_t>((*octets)[2] << 8 | (*octets)[3]));
      return groups;
    }
    uint16_t value = 0;
    const auto result = std::from_chars(part.data(), part.data() + part.size(), value, 16);
    if (part.empty() || part.size() > 4 || result.ec != std::errc() ||
        result.ptr != part.data() + part.size()) {
      return std::nullopt;
    }
    groups.push_back(value);
    if (colon == std::string_view::npos) break;
    text.remove_prefix(colon + 1);
    if (text.empty()) return std::nullopt;
  }
  return groups;
}

Address from_groups(const std::array<uint16_t, kGroups>& groups) {
  Address address;
  for (size_t i = 0; i < kGroups; ++i) {
    address.bytes[2 * i] = static_cast<std::byte>(groups[i] >> 8);
    address.bytes[2 * i + 1] = static_cast<std::byte>(groups[i] & 0xff);
  }
  return address;
}

std::optional<Address> parse_v6(std::string_view text) {
  std::array<uint16_t, kGroups> all{};
  const size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    const auto groups = parse_groups(text, true);
    if (!groups || groups->size() != kGroups) return std::nullopt;
    std::copy(groups->begin(), groups->end(), all.begin());
    return from_groups(all);
  }
  const auto head = parse_groups(text.substr(0, gap), false);
  const auto tail = parse_groups(text.substr(gap + 2), true);
  if (!head || !tail || head->size() + tail->size() >= kGroups) return std::nullopt;
  std::copy(head->begin(), head->end(), all.begin());
  std::copy_backward(tail->begin(), tail->end(), all.end());
  return from_groups(all);
}

struct Run {
  size_t start = 0;
  size_t length = 0;
};

// The first longest run of at least two zero groups, which "::" stands for (RFC 5952, 4.2).
Run longest_zero_run(const std::array<uint16_t, kGroups>& groups) {
  Run best;
  for (size_t i = 0; i < kGroups;) {
    size_t end = i;
    while (end < kGroups && groups[end] == 0) ++end;
    if (end - i >= 2 && end - i > best.length) best = {i, end - i};
    i = end + 1;
  }
  return best;
}

std::string v6_text(const Address& address) {
  std::array<uint16_t, kGroups> groups{};
  for (size_t i = 0; i < kGroups; ++i) {
    groups[i] = static_cast<uint16_t>(octet(address, 2 * i) << 8 | octet(address, 2 * i + 1));
  }
  const Run gap = longest_zero_run(groups);
  std::string text;
  for (size_t i = 0; i < kGroups; ++i) {
    if (gap.length > 0 && i == gap.start) {
      text += "::";
      i += gap.length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    std::array<char, 4> digits{};
    const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), groups[i], 16);
    text.append(digits.data(), result.ptr);
  }
  return text;
}

// Splits "[A]:P", "[A]" or "A:P" (A without colons); a host without a port has no port text.
struct HostAndPortText {
  std::string_view host;
  std::optional<std::string_view> port;
  bool bracketed = false;
};

std::optional<HostAndPortText> split_host_port(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text.front() == '[') {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    HostAndPortText out{text.substr(1, close - 1), std::nullopt, true};
    const std::string_view rest = text.substr(close + 1);
    if (rest.empty()) return out;
    if (rest.front() != ':') return std::nullopt;
    out.port = rest.substr(1);
    return out;
  }
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return HostAndPortText{text, std::nullopt, false};
  if (text.find(':', colon + 1) != std::string_view::npos) {
    return HostAndPortText{text, std::nullopt, false};
  }
  return HostAndPortText{text.substr(0, colon), text.substr(colon + 1), false};
}

}  // namespace

Address Address::loopback() {
  Address address;
  address.bytes[15] = std::byte{1};
  return address;
}

Address Address::any() { return {}; }

Address Address::v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
  Address address;
  address.bytes[10] = address.bytes[11] = std::byte{0xff};
  const std::array<uint8_t, 4> octets{a, b, c, d};
  for (size_t i = 0; i < 4; ++i) address.bytes[12 + i] = std::byte{octets[i]};
  return address;
}

std::optional<Address> Address::parse(std::string_view text) {
  if (const auto octets = parse_dotted(text)) {
    return v4((*octets)[0], (*octets)[1], (*octets)[2], (*octets)[3]);
  }
  return parse_v6(text);
}

bool Address::is_v4_mapped() const {
  return std::all_of(bytes.begin(), bytes.begin() + 10,
                     [](std::byte b) { return b == std::byte{0}; }) &&
         octet(*this, 10) == 0xff && octet(*this, 11) == 0xff;
}

bool Address::is_unspecified() const { return *this == any() || *this == v4(0, 0, 0, 0); }

bool Address::is_loopback() const {
  return *this == loopback() || (is_v4_mapped() && octet(*this, 12) == 127);
}

bool Address::is_multicast() const {
  return octet(*this, 0) == 0xff || (is_v4_mapped() && octet(*this, 12) >> 4 == 0xe);
}

bool Address::is_link_local() const {
  if (is_v4_mapped()) return octet(*this, 12) == 169 && octet(*this, 13) == 254;
  return octet(*this, 0) == 0xfe && (octet(*this, 1) & 0xc0) == 0x80;
}

bool Address::is_private() const {
  if (!is_v4_mapped()) return (octet(*this, 0) & 0xfe) == 0xfc;
  const uint8_t a = octet(*this, 12);
  const uint8_t b = octet(*this, 13);
  return a == 10 || (a == 172 && b >> 4 == 1) || (a == 192 && b == 168) ||
         (a == 100 && b >> 6 == 1);
}

bool Address::is_public() const {
  return !is_unspecified() && !is_loopback() && !is_multicast() && !is_link_local() &&
         !is_private();
}

std::string Address::text() const {
  if (!is_v4_mapped()) return v6_text(*this);
  std::string text;
  for (size_t i = 12; i < 16; ++i) {
    if (i > 12) text += '.';
    text += std::to_string(octet(*this, i));
  }
  return text;
}

std::string Endpoint::text() const {
  const std::string host = address.text();
  if (address.is_v4_mapped()) return host + ":" + std::to_string(port);
  return "[" + host + "]:" + std::to_string(port);
}

std::optional<Endpoint> Endpoint::parse(std::string_view text,
                                        std::optional<uint16_t> default_port) {
  const auto parts = split_host_port(text);
  if (!parts) return std::nullopt;
  const auto address = Address::parse(parts->host);
  if (!address) return std::nullopt;
  if (!parts->port) {
    if (!default_port) return std::nullopt;
    return Endpoint{*address, *default_port};
  }
  const auto port = parse_port(*parts->port);
  if (!port) return std::nullopt;
  return Endpoint{*address, *port};
}

std::optional<HostPort> HostPort::parse(std::string_view text, uint16_t default_port) {
  const auto parts = split_host_port(text);
  if (!parts || parts->host.empty()) return std::nullopt;
  const bool has_colon = parts->host.find(':') != std::string_view::npos;
  if ((parts->bracketed || has_colon) && !Address::parse(parts->host)) return std::nullopt;
  const auto port = parts->port ? parse_port(*parts->port) : default_port;
  if (!port || *port == 0) return std::nullopt;
  return HostPort{std::string(parts->host), *port};
}

std::string HostPort::text() const {
  const bool has_colon = host.find(':') != std::string::npos;
  return (has_colon ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<uint16_t> parse_port(std::string_view text) {
  uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, port);
  if (text.empty() || result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return port;
}

}  // namespace p2p
