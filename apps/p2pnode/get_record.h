// The content of a get in the catalogue: from when it is begun, so that gc keeps the nodes of its
// tree, until it is saved.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "apps/p2pnode/failure.h"
#include "engine/base/digest.h"
#include "engine/base/piece_size.h"
#include "engine/content/tree.h"
#include "io_linux/store/catalogue.h"
#include "io_linux/store/piece_store.h"
#include "io_linux/store/store_care.h"

namespace p2p::app {

// What is known of a content when it has been saved.
struct SavedContent {
  uint64_t length = 0;
  ContentKind kind = ContentKind::file;
  bool in_root = false;  // its root carries it
};

class GetRecord {
 public:
  // Both outlive it. `path`: where the content will stand.
  GetRecord(const io_linux::Catalogue& catalogue, io_linux::PieceStore& pieces, const Digest& id,
            std::string path);

  std::optional<Failure> begin();
  // What was listed before stays if all its pieces are right, else it is the new path. Reads all of
  // what was listed before.
  std::optional<Failure> done(const SavedContent& saved, const io_linux::VerifyProgress& progress,
                              const std::atomic<bool>& cancel);
  // Nothing of it is left to go on from: what was listed before is so again.
  void give_up();

 private:
  const io_linux::Catalogue& catalogue_;
  io_linux::PieceStore& pieces_;
  const std::string path_;
  io_linux::ContentRecord record_;
  std::optional<io_linux::ContentRecord> before_;
  bool known_ = false;  // what was listed before has a place
};

// At `path` stands the content. An earlier get of it may have ended before it was listed as whole:
// then it is listed now, and the PATH.part that it was laid out from removed.
std::optional<Failure> remember_existing(const io_linux::Catalogue& catalogue,
                                         io_linux::PieceStore& pieces, const Digest& id,
                                         const std::string& path);

}  // namespace p2p::app
