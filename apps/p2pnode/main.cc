// p2pnode: reads the command line and runs a command. README.md shows what there is to type.
#include <unistd.h>

#include <exception>
#include <new>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "apps/common/output.h"
#include "apps/common/startup.h"
#include "apps/common/talk.h"
#include "apps/p2pnode/command_line.h"
#include "apps/p2pnode/commands.h"
#include "io_linux/clock.h"
#include "io_linux/signals.h"

namespace p2p::app {
namespace {

struct Command {
  Talk& talk;
  ExitCode operator()(const RunOptions& options) const { return run(options, talk); }
  ExitCode operator()(const AddOptions& options) const { return add(options, talk); }
  ExitCode operator()(const ShareOptions& options) const { return share(options, talk); }
  ExitCode operator()(const GetOptions& options) const { return get(options, talk); }
  ExitCode operator()(const PeersOptions& options) const { return peers(options, talk); }
  ExitCode operator()(const StatusOptions& options) const { return status(options, talk); }
  ExitCode operator()(const WhyOptions& options) const { return why(options, talk); }
  ExitCode operator()(const LsOptions& options) const { return ls(options, talk); }
  ExitCode operator()(const RmOptions& options) const { return rm(options, talk); }
  ExitCode operator()(const GcOptions& options) const { return gc(options, talk); }
  ExitCode operator()(const VerifyOptions& options) const { return verify(options, talk); }
};

int verbosity_of(const Invocation& invocation) {
  return std::visit([](const auto& options) { return options.common.verbosity; }, invocation);
}

ExitCode carry_out(std::vector<std::string> arguments) {
  const TalkStyle style = talk_style_of(STDERR_FILENO);
  auto parsed = parse_command_line(std::move(arguments));
  if (const auto* answer = std::get_if<Answer>(&parsed)) {
    if (!answer->mistake.empty()) {
      Talk(STDERR_FILENO, style, 0, io_linux::clock_now).say(Importance::error, answer->mistake);
    }
    const bool written = write_all(STDOUT_FILENO, std::as_bytes(std::span(answer->out)));
    return written ? answer->code : ExitCode::failure;
  }
  const auto& invocation = std::get<Invocation>(parsed);
  Talk talk(STDERR_FILENO, style, verbosity_of(invocation), io_linux::clock_now);
  try {
    return std::visit(Command{talk}, invocation);
  } catch (const std::bad_alloc&) {
    talk.say(Importance::error, "there is not enough memory");
  } catch (const std::exception& exception) {
    talk.say(Importance::error, exception.what());
  }
  return ExitCode::failure;
}

}  // namespace
}  // namespace p2p::app

int main(int argc, char** argv) {
  p2p::app::fill_standard_descriptors();
  p2p::io_linux::ignore_sigpipe();
  return static_cast<int>(p2p::app::carry_out(p2p::app::arguments_of(argc, argv)));
}
