#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/quantity.h"
#include "engine/content/ticket.h"
#include "engine/content/tree.h"

namespace p2p {
namespace {

Digest any_digest() {
  Digest digest;
  for (std::byte& b : digest.bytes) b = static_cast<std::byte>(*rc::gen::arbitrary<uint8_t>());
  return digest;
}

template <class Value>
std::optional<Value> maybe(const rc::Gen<Value>& generator) {
  if (*rc::gen::arbitrary<bool>()) return *generator;
  return std::nullopt;
}

Ticket any_ticket() {
  Ticket ticket;
  ticket.id = any_digest();
  ticket.name = maybe(rc::gen::arbitrary<std::string>());
  ticket.size = maybe(rc::gen::inRange<uint64_t>(0, kContentMax + 1));
  if (const auto log2 = maybe(rc::gen::inRange<unsigned>(10, 25))) {
    ticket.piece_size = PieceSize::from_log2(*log2);
  }
  const auto hosts = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("::1", "2001:db8::7", "192.0.2.7", "a-host.example"));
  for (const std::string& host : hosts) {
    ticket.peers.push_back({host, *rc::gen::inRange<uint16_t>(1, 65535)});
  }
  return ticket;
}

RC_GTEST_PROP(TicketProperty, parsing_the_text_of_a_ticket_gives_it_back, ()) {
  const Ticket ticket = any_ticket();
  const std::string text = ticket_text(ticket);
  const auto parsed = parse_ticket(text);
  RC_ASSERT(std::holds_alternative<Ticket>(parsed));
  RC_ASSERT(std::get<Ticket>(parsed) == ticket);
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  RC_ASSERT(printable);
}

RC_GTEST_PROP(TicketProperty, a_damaged_ticket_is_refused_or_is_another_ticket, ()) {
  std::string text = ticket_text(any_ticket());
  const auto at = *rc::gen::inRange<size_t>(0, text.size());
  if (*rc::gen::arbitrary<bool>()) {
    text.resize(at);
  } else {
    text[at] = *rc::gen::arbitrary<char>();
  }
  const auto parsed = parse_ticket(text);
  if (const auto* ticket = std::get_if<Ticket>(&parsed)) {
    RC_ASSERT(std::get<Ticket>(parse_ticket(ticket_text(*ticket))) == *ticket);
  } else {
    RC_ASSERT(!std::get<std::string>(parsed).empty());
  }
}

RC_GTEST_PROP(QuantityProperty, a_compact_size_is_read_back_exactly, (uint64_t bytes)) {
  const auto shift = *rc::gen::inRange(0, 64);
  RC_ASSERT(parse_size(compact_size_text(bytes)) == bytes);
  RC_ASSERT(parse_size(compact_size_text(bytes << shift)) == bytes << shift);
}

RC_GTEST_PROP(QuantityProperty, any_text_is_a_quantity_or_none, ()) {
  const auto text = *rc::gen::arbitrary<std::string>();
  parse_size(text);
  parse_duration(text);
  RC_ASSERT(parse_size("1" + text + "!") == std::nullopt);
}

}  // namespace
}  // namespace p2p
