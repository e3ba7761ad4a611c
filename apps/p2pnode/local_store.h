// The data folder of a command, and opening for it what is on disk: the pieces, and the file of the
// address book.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "apps/common/talk.h"
#include "apps/p2pnode/failure.h"
#include "apps/p2pnode/options.h"
#include "io_linux/store/book_file.h"
#include "io_linux/store/piece_store.h"

namespace p2p::app {

// --data-dir, or the default folder of the user who runs this program; empty: there is none, which
// no_data_dir() says.
std::string data_dir_of(const CommonOptions& options);
Failure no_data_dir();

struct LocalStore {
  std::unique_ptr<io_linux::PieceStore> pieces;
  std::optional<io_linux::BookFile> book;  // when there are pieces
  std::optional<Failure> failure;          // when there are no pieces
};
// In data_dir_of().
LocalStore open_local_store(const CommonOptions& options, Talk& talk);

}  // namespace p2p::app
