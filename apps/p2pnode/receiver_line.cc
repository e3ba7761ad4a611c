#include "apps/p2pnode/receiver_line.h"

#include "apps/common/quoting.h"

namespace p2p::app {

std::string receiver_line(const Ticket& ticket, const std::vector<HostPort>& bootstrap) {
  std::string line = "p2pnode get " + shell_quoted(ticket_text(ticket)) + " -o " +
                     shell_quoted(default_file_name(ticket));
  for (const HostPort& host : bootstrap) line += " --bootstrap " + shell_quoted(host.text());
  return line;
}

std::string default_file_name(const Ticket& ticket) {
  constexpr size_t kIdDigits = 16;
  std::string name = ticket.name ? safe_file_name(*ticket.name) : "";
  return name.empty() ? ticket.id.hex().substr(0, kIdDigits) : name;
}

}  // namespace p2p::app
