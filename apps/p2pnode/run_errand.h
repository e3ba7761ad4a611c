// The commanding side of an errand (errand.h).
#pragma once

#include <optional>

#include "apps/common/interruption.h"
#include "apps/common/talk.h"
#include "apps/p2pnode/errand.h"
#include "apps/p2pnode/exit_code.h"
#include "apps/p2pnode/options.h"

namespace p2p::app {

// Has the node that runs on data_dir_of(options) do it; says and prints what it says and prints. A
// signal calls it off. `descriptor` goes with it, and stays the caller's; -1: none. nullopt: no
// node runs there, or it does not do this: the command has to do it itself.
std::optional<ExitCode> run_errand(const CommonOptions& options, const Errand& errand,
                                   int descriptor, Talk& talk, Interruption& interruption);

}  // namespace p2p::app
