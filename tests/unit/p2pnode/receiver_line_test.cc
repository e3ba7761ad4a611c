#include "apps/p2pnode/receiver_line.h"

#include <gtest/gtest.h>

namespace p2p::app {
namespace {

Ticket ticket_named(const char* name) {
  Ticket ticket;
  ticket.id = sha256({});
  if (name != nullptr) ticket.name = name;
  return ticket;
}

TEST(ReceiverLine, quotes_the_ticket_and_names_the_file) {
  Ticket ticket = ticket_named("film.mkv");
  ticket.size = 5;
  EXPECT_EQ(receiver_line(ticket, {}), "p2pnode get '" + ticket_text(ticket) + "' -o film.mkv");
}

TEST(ReceiverLine, names_the_bootstrap_nodes_that_were_given) {
  const std::string line =
      receiver_line(ticket_named("film"), {{"example.org", 8100}, {"2001:db8::1", 9000}});
  EXPECT_NE(line.find(" --bootstrap example.org:8100 --bootstrap '[2001:db8::1]:9000'"),
            std::string::npos)
      << line;
}

TEST(DefaultFileName, is_the_tickets_made_safe_or_the_start_of_the_id) {
  EXPECT_EQ(default_file_name(ticket_named("a/b/.film")), "film");
  for (const char* name : {static_cast<const char*>(nullptr), "", "..", "/"}) {
    EXPECT_EQ(default_file_name(ticket_named(name)), "e3b0c44298fc1c14");
  }
}

}  // namespace
}  // namespace p2p::app
