// p2psim run: each scenario once, one after the other.
#include <string>

#include "apps/common/interruption.h"
#include "apps/common/output.h"
#include "apps/common/quoting.h"
#include "apps/p2psim/commands.h"
#include "apps/p2psim/scenario_file.h"
#include "apps/p2psim/simulate.h"
#include "apps/p2psim/verdict.h"
#include "engine/base/quantity.h"
#include "io_sim/report/json.h"

namespace p2p::sim::program {
namespace {

constexpr Duration kTick = Duration::seconds(1);

RunPlan plan_of(const RunCommand& command, const ScenarioFile& file) {
  return {&file,          command.seed.value_or(file.scenario.seed),
          command.until,  command.trace,
          command.report, command.events};
}

bool print(const RunCommand& command, const RunPlan& plan, const RunEnd& end) {
  const Promise& promise = plan.file->scenario.promise;
  if (command.json) {
    return app::print_line(
        result_json(end.result, as_promised(end.result, promise), repeat_line(plan)));
  }
  std::string text = headline(end, promise);
  for (const std::string& line : details(end.result, promise, plan, command.verbose)) {
    text += "\n" + line;
  }
  return app::print_line(text);
}

}  // namespace

ExitCode run_command(const RunCommand& command, Talk& talk) {
  const auto files = load_scenarios(command.files, talk);
  if (!files) return ExitCode::usage;
  app::Interruption interruption;
  ExitCode code = ExitCode::held;
  for (const ScenarioFile& file : *files) {
    const RunPlan plan = plan_of(command, file);
    Children children(1, command.limit, interruption.fd());
    children.start(0, work_of(plan));
    std::optional<Ended> ended;
    for (Duration waited; !ended && !interruption.requested(); waited = waited + kTick) {
      if (waited > Duration()) {
        talk.set_status(app::printable(file.scenario.name) + ", " + duration_text(waited));
      }
      ended = children.wait(kTick);
    }
    talk.set_status("");
    if (!ended) {
      talk.say(Importance::error, "interrupted while it ran " + app::shell_quoted(file.path));
      return ExitCode::violated;
    }
    if (ended->ending == Ending::refused) {
      talk.say(Importance::error, ended->text);
      return ExitCode::usage;
    }
    const RunEnd end = end_of(*ended, file.scenario, plan.seed);
    code = graver(code, exit_code_of(end.result, file.scenario.promise));
    if (!print(command, plan, end)) return ExitCode::usage;
  }
  return code;
}

}  // namespace p2p::sim::program
