// What p2psim's exit status says. Listed in docs/p2psim.1 too.
#pragma once

namespace p2p::sim::program {

enum class ExitCode : int {
  held = 0,
  violated = 1,          // an invariant was; or a signal ended p2psim before it knew
  usage = 2,             // the command line, or a file that can't be read, written or meant so
  unmet = 3,             // an expectation was not met in time, or a promise of the file's not kept
  nondeterministic = 4,  // two runs of one seed differed
};

// Of several runs the gravest counts: a violation, then a difference, then an expectation.
constexpr int gravity(ExitCode code) {
  switch (code) {
    case ExitCode::held:
      return 0;
    case ExitCode::unmet:
      return 1;
    case ExitCode::nondeterministic:
      return 2;
    case ExitCode::violated:
      return 3;
    case ExitCode::usage:
      return 4;
  }
  return 4;
}
constexpr ExitCode graver(ExitCode a, ExitCode b) { return gravity(a) < gravity(b) ? b : a; }

}  // namespace p2p::sim::program
