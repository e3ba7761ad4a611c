// The work of rm, gc and verify on a data folder. It is the same whether the command does it, who
// then has the folder alone, or the node that runs there, who then acts on what is gone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/p2pnode/errand.h"
#include "apps/p2pnode/exit_code.h"
#include "apps/p2pnode/reporter.h"
#include "engine/base/digest.h"
#include "io_linux/store/catalogue.h"

namespace p2p::app {

struct StoreWork {
  ExitCode code = ExitCode::done;
  // Pieces that the store held and holds no more.
  std::vector<Digest> gone;
  // Contents whose pieces were found bad or missing.
  std::vector<io_linux::ContentRecord> spoilt;
};

// The content stays on disk until gc; nothing is gone.
StoreWork remove_content(const std::string& data_dir, const RemoveErrand& errand,
                         Reporter& reporter);
// Requires that nobody adds anything meanwhile.
StoreWork collect(const std::string& data_dir, const CollectErrand& errand, Reporter& reporter);
StoreWork verify(const std::string& data_dir, const VerifyErrand& errand, Reporter& reporter);

}  // namespace p2p::app
