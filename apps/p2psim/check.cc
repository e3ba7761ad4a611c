// p2psim check: reads scenario files, and says what is wrong with them.
#include "apps/common/output.h"
#include "apps/common/quoting.h"
#include "apps/p2psim/commands.h"
#include "apps/p2psim/scenario_file.h"

namespace p2p::sim::program {

ExitCode check_command(const CheckCommand& command, Talk& talk) {
  ExitCode code = ExitCode::held;
  for (const std::string& path : command.files) {
    const auto files = load_scenarios({path}, talk);
    if (!files) {
      code = ExitCode::usage;
      continue;
    }
    if (!app::print_line("ok " + app::printable(files->front().scenario.name))) {
      return ExitCode::usage;
    }
  }
  return code;
}

}  // namespace p2p::sim::program
