#include "engine/content/ticket.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace p2p {
namespace {

const std::string id_text = "0c99d7d221cc705c40342092f932ad10e9360c2eab0f8663f0f3cfe7325879b3";
const std::string upper_id_text =
    "0C99D7D221CC705C40342092F932AD10E9360C2EAB0F8663F0F3CFE7325879B3";

Ticket accepted(const std::string& text) {
  const auto result = parse_ticket(text);
  if (const auto* why = std::get_if<std::string>(&result)) {
    ADD_FAILURE() << *why;
    return {};
  }
  return std::get<Ticket>(result);
}
// Why the ticket is refused; empty if it isn't.
std::string refusal(const std::string& text) {
  const auto result = parse_ticket(text);
  const auto* why = std::get_if<std::string>(&result);
  return why == nullptr ? "" : *why;
}

TEST(ParseTicket, reads_every_parameter) {
  const Ticket ticket =
      accepted("p2p:" + id_text +
               "?name=hello%20world.txt&size=6&piece=1MiB&peer=192.0.2.7:8100"
               "&peer=%5B2001:db8::1%5D:52197&peer=[::1]:1&peer=host.example:8100");
  EXPECT_EQ(ticket.id.hex(), id_text);
  EXPECT_EQ(ticket.name, "hello world.txt");
  EXPECT_EQ(ticket.size, 6u);
  EXPECT_EQ(ticket.piece_size, PieceSize::from_bytes(1048576));
  EXPECT_EQ(ticket.peers,
            (std::vector<HostPort>{
                {"192.0.2.7", 8100}, {"2001:db8::1", 52197}, {"::1", 1}, {"host.example", 8100}}));
}

TEST(ParseTicket, reads_an_id_alone_in_either_case) {
  for (const std::string& text :
       {id_text, upper_id_text, "p2p:" + id_text, "P2P:" + upper_id_text, "p2p:" + id_text + "?"}) {
    EXPECT_EQ(accepted(text), (Ticket{*Digest::from_hex(id_text), {}, {}, {}, {}})) << text;
  }
}

TEST(ParseTicket, ignores_what_it_does_not_know) {
  const Ticket ticket = accepted("p2p:" + id_text + "?new=%zz&&flag&NAME=x&=y&size=6");
  EXPECT_EQ(ticket, (Ticket{*Digest::from_hex(id_text), {}, 6, {}, {}}));
}

TEST(ParseTicket, decodes_bytes_of_any_value_in_a_name) {
  EXPECT_EQ(accepted("p2p:" + id_text + "?name=%C3%BC+%2F%00%ff").name,
            std::string("\xc3\xbc+/\0\xff", 6));
  EXPECT_EQ(accepted("p2p:" + id_text + "?name=").name, "");
  EXPECT_EQ(accepted("p2p:" + id_text + "?name=a=b?c").name, "a=b?c");
}

TEST(ParseTicket, refuses_what_is_neither_id_nor_ticket) {
  const std::string why = "it is neither 64 hex digits nor a ticket, which begins with p2p:";
  for (const std::string& text :
       {std::string(), std::string("p2p"), id_text.substr(1), id_text + "0", id_text + "?size=6",
        " " + id_text, "q2p:" + id_text}) {
    EXPECT_EQ(refusal(text), why) << text;
  }
}

TEST(ParseTicket, refuses_a_bad_id) {
  for (const std::string& text :
       {std::string("p2p:"), "p2p:" + id_text.substr(1), "p2p:" + id_text + "0", "p2p: " + id_text,
        "p2p://" + id_text, "p2p:" + id_text.substr(1) + "g"}) {
    EXPECT_EQ(refusal(text), "the ticket's id is not 64 hex digits") << text;
  }
}

TEST(ParseTicket, refuses_bad_percent_encoding) {
  for (const char* value : {"%", "a%2", "%g0", "%0g", "%%20", "% 20"}) {
    EXPECT_EQ(refusal("p2p:" + id_text + "?name=" + value),
              "the ticket's name has a % without two hex digits after it")
        << value;
  }
}

TEST(ParseTicket, refuses_a_bad_size) {
  for (const char* value :
       {"", "x", "-1", "+1", "1.5", "1MiB", " 1", "1152921504606846977", "18446744073709551616"}) {
    EXPECT_EQ(refusal("p2p:" + id_text + "?size=" + value),
              "the ticket's size is not a number of bytes from 0 to 2^60")
        << value;
  }
  EXPECT_EQ(accepted("p2p:" + id_text + "?size=1152921504606846976").size, uint64_t{1} << 60);
}

TEST(ParseTicket, refuses_a_bad_piece_size) {
  for (const char* value : {"", "1", "1000", "1.5MiB", "3MiB", "512", "32MiB", "1Mib"}) {
    EXPECT_EQ(refusal("p2p:" + id_text + "?piece=" + value),
              "the ticket's piece is not a power of two from 1KiB to 16MiB")
        << value;
  }
  EXPECT_EQ(accepted("p2p:" + id_text + "?piece=131072").piece_size, PieceSize::from_bytes(131072));
}

TEST(ParseTicket, refuses_a_peer_without_a_port_that_can_be_dialled) {
  for (const char* value : {"", "host", "[::1]", "::1", "host:", "host:0", "host:65536", ":8100"}) {
    EXPECT_EQ(refusal("p2p:" + id_text + "?peer=" + value), "a peer of the ticket is not HOST:PORT")
        << value;
  }
}

TEST(ParseTicket, refuses_two_answers_to_one_question) {
  EXPECT_EQ(refusal("p2p:" + id_text + "?size=6&size=6"), "the ticket has more than one size");
  EXPECT_EQ(refusal("p2p:" + id_text + "?name=a&name=b"), "the ticket has more than one name");
}

TEST(TicketText, writes_what_there_is) {
  Ticket ticket;
  ticket.id = *Digest::from_hex(upper_id_text);
  EXPECT_EQ(ticket_text(ticket), "p2p:" + id_text);
  ticket.name = "a b/\xc3\xbc&c=1%.txt";
  ticket.size = 6;
  ticket.piece_size = PieceSize::from_bytes(131072);
  ticket.peers = {{"2001:db8::1", 8100}, {"192.0.2.7", 52197}};
  EXPECT_EQ(ticket_text(ticket), "p2p:" + id_text +
                                     "?name=a%20b%2F%C3%BC%26c%3D1%25.txt&size=6&piece=128KiB"
                                     "&peer=[2001:db8::1]:8100&peer=192.0.2.7:52197");
  EXPECT_EQ(accepted(ticket_text(ticket)), ticket);
}

}  // namespace
}  // namespace p2p
