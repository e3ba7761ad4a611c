// The commands: each does all that its part of the command line asks for, prints its results on
// standard output and says the rest through `talk`.
#pragma once

#include "apps/common/talk.h"
#include "apps/p2psim/exit_code.h"
#include "apps/p2psim/options.h"

namespace p2p::sim::program {

using app::Importance;
using app::Talk;

ExitCode run_command(const RunCommand& command, Talk& talk);
ExitCode sweep_command(const SweepCommand& command, Talk& talk);
ExitCode shrink_command(const ShrinkCommand& command, Talk& talk);
ExitCode check_command(const CheckCommand& command, Talk& talk);
ExitCode diff_command(const DiffCommand& command, Talk& talk);

}  // namespace p2p::sim::program
