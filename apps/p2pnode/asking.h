// Why the node that runs on a data folder could not be asked, in words.
#pragma once

#include <string>

#include "apps/p2pnode/failure.h"
#include "engine/base/time.h"
#include "io_linux/control_client.h"

namespace p2p::app {

// A node answers at once, unless it is stopped or the machine is out of breath.
inline constexpr Duration kNodePatience = Duration::seconds(10);

// Requires that the reply is none.
Failure asking_failure(const io_linux::ControlReply& reply, const std::string& data_dir);

}  // namespace p2p::app
