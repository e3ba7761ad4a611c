// The commands. Each does what its --help says and returns the program's exit status; what
// went wrong has been said by then.
#pragma once

#include "apps/common/talk.h"
#include "apps/p2pnode/exit_code.h"
#include "apps/p2pnode/options.h"

namespace p2p::app {

ExitCode run(const RunOptions& options, Talk& talk);
ExitCode add(const AddOptions& options, Talk& talk);
ExitCode share(const ShareOptions& options, Talk& talk);
ExitCode get(const GetOptions& options, Talk& talk);
ExitCode peers(const PeersOptions& options, Talk& talk);
ExitCode status(const StatusOptions& options, Talk& talk);
ExitCode why(const WhyOptions& options, Talk& talk);
ExitCode ls(const LsOptions& options, Talk& talk);
ExitCode rm(const RmOptions& options, Talk& talk);
ExitCode gc(const GcOptions& options, Talk& talk);
ExitCode verify(const VerifyOptions& options, Talk& talk);

}  // namespace p2p::app
