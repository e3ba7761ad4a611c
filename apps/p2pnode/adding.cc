#include "apps/p2pnode/adding.h"

#include <fcntl.h>

#include "apps/p2pnode/recording.h"
#include "apps/p2pnode/run_errand.h"
#include "io_linux/store/file_io.h"

namespace p2p::app {

ExitCode worse_of(ExitCode one, ExitCode other) {
  if (one == ExitCode::done || other == ExitCode::disk) return other;
  return one;
}

std::optional<ExitCode> add_through_node(const Adding& adding, Talk& talk,
                                         Interruption& interruption) {
  AddErrand errand;
  errand.piece_size = adding.common.piece_size;
  errand.copy = adding.copy;
  errand.share = adding.share;
  errand.json = adding.json;
  errand.quiet = adding.common.verbosity < 0;
  std::optional<ExitCode> code;
  for (const std::string& file : adding.files) {
    // What can't be opened the node says of the path.
    const auto opened = io_linux::open_file(file, O_RDONLY | O_NONBLOCK);
    errand.path = absolute_path(file);
    const auto one =
        run_errand(adding.common, errand, opened.fd ? opened.fd.get() : -1, talk, interruption);
    // A node that ends in the middle has said so.
    if (!one) return code ? worse_of(*code, ExitCode::interrupted) : code;
    code = worse_of(code.value_or(ExitCode::done), *one);
    if (*one == ExitCode::interrupted) break;
  }
  return code;
}

}  // namespace p2p::app
