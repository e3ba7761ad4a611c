#include "engine/content/ticket.h"

#include <charconv>
#include <utility>

#include "engine/base/hex.h"
#include "engine/base/quantity.h"
#include "engine/content/tree.h"

namespace p2p {

namespace {

constexpr std::string_view kScheme = "p2p:";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// The scheme of an URI has no case (RFC 3986, 3.1).
bool begins_with_scheme(std::string_view text) {
  if (text.size() < kScheme.size()) return false;
  for (size_t i = 0; i < kScheme.size(); ++i) {
    const bool upper = text[i] >= 'A' && text[i] <= 'Z';
    if ((upper ? static_cast<char>(text[i] - 'A' + 'a') : text[i]) != kScheme[i]) return false;
  }
  return true;
}

// Cuts `text` at the first `separator`: returns what is before it and leaves what is behind.
std::string_view cut(std::string_view& text, char separator) {
  const std::string_view head = text.substr(0, text.find(separator));
  text.remove_prefix(head.size() == text.size() ? head.size() : head.size() + 1);
  return head;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.front() != '%') {
      out.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    if (text.size() < 3) return std::nullopt;
    const auto byte = from_hex(text.substr(1, 2));
    if (!byte) return std::nullopt;
    out.push_back(static_cast<char>(byte->front()));
    text.remove_prefix(3);
  }
  return out;
}

// What may stand for itself in a query, less what means something in a ticket or is needed by
// nothing in it (RFC 3986, 3.4, but for the brackets round IPv6 addresses, which people read).
std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kPlain = "-._~:[]";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_letter_or_digit(c) || kPlain.find(c) != std::string_view::npos) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

std::optional<uint64_t> parse_content_size(std::string_view text) {
  uint64_t size = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, size);
  if (text.empty() || result.ec != std::errc() || result.ptr != end) return std::nullopt;
  if (size > kContentMax) return std::nullopt;
  return size;
}

std::optional<PieceSize> parse_piece_size(std::string_view text) {
  const auto bytes = parse_size(text);
  return bytes ? PieceSize::from_bytes(*bytes) : std::nullopt;
}

std::optional<HostPort> parse_peer(std::string_view text) {
  constexpr uint16_t kNoDefault = 0;  // HostPort::parse refuses port 0
  return HostPort::parse(text, kNoDefault);
}

// Fills in `field`; returns what is wrong.
template <class Value>
std::optional<std::string> set_once(std::optional<Value>& field, std::optional<Value> value,
                                    std::string_view key, std::string_view meaning) {
  if (field) return "the ticket has more than one " + std::string(key);
  if (!value) return "the ticket's " + std::string(key) + " is not " + std::string(meaning);
  field = std::move(value);
  return std::nullopt;
}

// Returns what is wrong. Parameters that are not known are not looked at.
std::optional<std::string> read_parameter(Ticket& ticket, std::string_view parameter) {
  const std::string_view key = cut(parameter, '=');
  if (key != "name" && key != "size" && key != "piece" && key != "peer") return std::nullopt;
  const auto value = percent_decoded(parameter);
  if (!value) {
    return "the ticket's " + std::string(key) + " has a % without two hex digits after it";
  }
  if (key == "name") return set_once(ticket.name, value, key, "text");
  if (key == "size") {
    return set_once(ticket.size, parse_content_size(*value), key,
                    "a number of bytes from 0 to 2^60");
  }
  if (key == "piece") {
    return set_once(ticket.piece_size, parse_piece_size(*value), key,
                    "a power of two from 1KiB to 16MiB");
  }
  auto peer = parse_peer(*value);
  if (!peer) return "a peer of the ticket is not HOST:PORT";
  ticket.peers.push_back(std::move(*peer));
  return std::nullopt;
}

}  // namespace

std::variant<Ticket, std::string> parse_ticket(std::string_view text) {
  Ticket ticket;
  if (!begins_with_scheme(text)) {
    const auto id = Digest::from_hex(text);
    if (!id) return "it is neither 64 hex digits nor a ticket, which begins with p2p:";
    ticket.id = *id;
    return ticket;
  }
  text.remove_prefix(kScheme.size());
  const auto id = Digest::from_hex(cut(text, '?'));
  if (!id) return "the ticket's id is not 64 hex digits";
  ticket.id = *id;
  while (!text.empty()) {
    if (auto wrong = read_parameter(ticket, cut(text, '&'))) return std::move(*wrong);
  }
  return ticket;
}

std::string ticket_text(const Ticket& ticket) {
  std::string text = std::string(kScheme) + ticket.id.hex();
  char separator = '?';
  const auto append = [&](std::string_view key, std::string_view value) {
    text += separator;
    text.append(key).append("=").append(percent_encoded(value));
    separator = '&';
  };
  if (ticket.name) append("name", *ticket.name);
  if (ticket.size) append("size", std::to_string(*ticket.size));
  if (ticket.piece_size) append("piece", compact_size_text(ticket.piece_size->bytes()));
  for (const HostPort& peer : ticket.peers) append("peer", peer.text());
  return text;
}

}  // namespace p2p
