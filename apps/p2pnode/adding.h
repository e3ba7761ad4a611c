// Having the running node add files and directories.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/common/interruption.h"
#include "apps/common/talk.h"
#include "apps/p2pnode/exit_code.h"
#include "apps/p2pnode/options.h"

namespace p2p::app {

struct Adding {
  const CommonOptions& common;
  const std::vector<std::string>& files;
  bool copy = false;
  bool json = false;
  bool share = false;
};
// This program opens each and hands it over, so that the node may be another user's. nullopt: no
// node does it, and nothing was added. Says and prints what there is to say.
std::optional<ExitCode> add_through_node(const Adding& adding, Talk& talk,
                                         Interruption& interruption);

// Of several: a full disk is worse than another failure, and any failure than none.
ExitCode worse_of(ExitCode one, ExitCode other);

}  // namespace p2p::app
