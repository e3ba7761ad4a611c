// Where get saves a content, and what is there already.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apps/p2pnode/failure.h"
#include "apps/p2pnode/options.h"
#include "io_linux/store/catalogue.h"

namespace p2p::app {

// The file that --output and the ticket name. Requires an output other than "-". A folder gets the
// content under its name, unless the folder is called so itself, or is where an earlier get has
// saved it.
std::string target_path_of(const GetOptions& options, const io_linux::Catalogue& catalogue);

// What stands at the path of a content.
struct Existing {
  bool is_content = false;         // the content itself: nothing is left to do
  uint64_t length = 0;             // of it
  std::optional<Failure> failure;  // it may not be replaced
};
// Reads a file or a directory that is there to its end, if it has the size that the ticket says.
Existing look_at_target(const std::string& path, const GetOptions& options);

}  // namespace p2p::app
