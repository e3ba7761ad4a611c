// The data folder of a command, and opening for it what is on disk: the pieces, the catalogue, and
// the file of the address book.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "apps/common/talk.h"
#include "apps/p2pnode/failure.h"
#include "apps/p2pnode/options.h"
#include "apps/p2pnode/reporter.h"
#include "io_linux/store/book_file.h"
#include "io_linux/store/catalogue.h"
#include "io_linux/store/piece_store.h"
#include "io_linux/store/store_lock.h"

namespace p2p::app {

// --data-dir, or the default folder of the user who runs this program; empty: there is none, which
// no_data_dir() says.
std::string data_dir_of(const CommonOptions& options);
Failure no_data_dir();

struct LocalStore {
  std::optional<io_linux::StoreLock> lock;
  std::unique_ptr<io_linux::PieceStore> pieces;
  std::optional<io_linux::BookFile> book;        // when there are pieces
  std::optional<io_linux::Catalogue> catalogue;  // when there are pieces
  std::optional<Failure> failure;                // when there are no pieces
};
// In data_dir_of(). Others may have the store open too, but not those that have it alone.
LocalStore open_local_store(const CommonOptions& options, Talk& talk);

// Takes the lock of a store for a command that nobody else may disturb; otherwise says who has it.
struct LockedStore {
  std::string data_dir;
  std::optional<io_linux::StoreLock> lock;
  std::optional<Failure> failure;  // when there is no lock
};
LockedStore lock_store(const CommonOptions& options, io_linux::StoreUse use);

// Has the store alone for as long as it lives, for one who shares it; or not, when others use it.
class StoreAlone {
 public:
  explicit StoreAlone(io_linux::StoreLock& lock) : lock_(lock) {
    error_ = lock_.become(io_linux::StoreUse::alone);
  }
  ~StoreAlone() { static_cast<void>(lock_.become(io_linux::StoreUse::shared)); }
  StoreAlone(const StoreAlone&) = delete;
  StoreAlone& operator=(const StoreAlone&) = delete;

  const std::optional<io_linux::FileError>& error() const { return error_; }

 private:
  io_linux::StoreLock& lock_;
  std::optional<io_linux::FileError> error_;
};

// Says what opening a store has found.
void say_report(const io_linux::OpenReport& report, Talk& talk);
void say_report(const io_linux::OpenReport& report, Reporter& reporter);

}  // namespace p2p::app
