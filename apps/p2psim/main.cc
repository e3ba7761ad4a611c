// p2psim: reads the command line and runs a command. docs/p2psim.1 shows what there is to type.
#include <unistd.h>

#include <exception>
#include <new>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "apps/common/output.h"
#include "apps/common/startup.h"
#include "apps/p2psim/command_line.h"
#include "apps/p2psim/commands.h"
#include "io_linux/clock.h"
#include "io_linux/signals.h"

namespace p2p::sim::program {
namespace {

struct Command {
  Talk& talk;
  ExitCode operator()(const RunCommand& command) const { return run_command(command, talk); }
  ExitCode operator()(const SweepCommand& command) const { return sweep_command(command, talk); }
  ExitCode operator()(const ShrinkCommand& command) const { return shrink_command(command, talk); }
  ExitCode operator()(const CheckCommand& command) const { return check_command(command, talk); }
  ExitCode operator()(const DiffCommand& command) const { return diff_command(command, talk); }
};

ExitCode carry_out(std::vector<std::string> arguments) {
  Talk talk(STDERR_FILENO, app::talk_style_of(STDERR_FILENO), 0, io_linux::clock_now);
  auto parsed = parse_command_line(std::move(arguments));
  if (const auto* answer = std::get_if<Answer>(&parsed)) {
    if (!answer->mistake.empty()) talk.say(Importance::error, answer->mistake);
    const bool written = app::write_all(STDOUT_FILENO, std::as_bytes(std::span(answer->out)));
    return written ? answer->code : ExitCode::usage;
  }
  try {
    return std::visit(Command{talk}, std::get<Invocation>(parsed));
  } catch (const std::bad_alloc&) {
    talk.say(Importance::error, "there is not enough memory");
  } catch (const std::exception& exception) {
    talk.say(Importance::error, exception.what());
  }
  return ExitCode::usage;
}

}  // namespace
}  // namespace p2p::sim::program

int main(int argc, char** argv) {
  p2p::app::fill_standard_descriptors();
  p2p::io_linux::ignore_sigpipe();
  return static_cast<int>(p2p::sim::program::carry_out(p2p::app::arguments_of(argc, argv)));
}
