// get by way of the node that runs already: that fetches into the file that this command has
// opened, and the command gives the file its name, or lays a directory out from it.
#pragma once

#include <optional>
#include <string>

#include "apps/common/interruption.h"
#include "apps/p2pnode/exit_code.h"
#include "apps/p2pnode/get_report.h"
#include "apps/p2pnode/options.h"

namespace p2p::app {

// Has the node that runs on data_dir_of(options) fetch a content for `path`, and says of it what a
// get of its own would. nullopt: no node runs there, or it does not do this: PATH.part is as it was
// found, or with more in it.
std::optional<ExitCode> get_through_node(const std::string& path, const GetOptions& options,
                                         GetReport& report, Interruption& interruption);

}  // namespace p2p::app
