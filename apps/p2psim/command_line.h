// From the words of the command line to an Invocation, through CLI11. Configuration files and
// environment variables have no say.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "apps/p2psim/exit_code.h"
#include "apps/p2psim/options.h"

namespace p2p::sim::program {

// Nothing is to be run: what to print where, and how to exit. --help, --version and mistakes.
struct Answer {
  ExitCode code = ExitCode::held;
  std::string out;      // whole lines
  std::string mistake;  // a sentence without full stop, when that is why
};

// `arguments` are those after the program's name. Throws nothing.
std::variant<Invocation, Answer> parse_command_line(std::vector<std::string> arguments);

}  // namespace p2p::sim::program
