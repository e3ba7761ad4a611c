// Why a command can't go on: the exit status, and the sentence that was or will be said.
#pragma once

#include <string>

#include "apps/common/talk.h"
#include "apps/p2pnode/exit_code.h"

namespace p2p::app {

struct Failure {
  ExitCode code = ExitCode::failure;
  std::string sentence;  // without capital and full stop
};

inline ExitCode say_failure(Talk& talk, const Failure& failure) {
  talk.say(Importance::error, failure.sentence);
  return failure.code;
}

}  // namespace p2p::app
