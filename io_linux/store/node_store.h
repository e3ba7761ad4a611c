// All that a node holds: its piece store, the files that contents are being fetched into, and those
// that it serves in place.
//
// Thread rule: any thread may call any method.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/base/ids.h"
#include "io_linux/store/source_pieces.h"
#include "io_linux/store/store.h"
#include "io_linux/store/target.h"

namespace p2p::io_linux {

class NodeStore final : public Store {
 public:
  // Both outlive the store. No `sources`: nothing is served in place.
  explicit NodeStore(Store& pieces, SourcePieces* sources = nullptr)
      : pieces_(pieces), sources_(sources) {}

  // From here on extents of the fetch go to the target, and its pieces are served. Requires that
  // the fetch has no target yet.
  void add_target(FetchId fetch, std::shared_ptr<Target> target);
  // Calls under way still end on it.
  void remove_target(FetchId fetch);

  StoreStatus put(const Digest& digest, std::span<const std::byte> bytes) override;
  StoreStatus put_at(const Digest& digest, std::span<const std::byte> bytes,
                     const std::vector<Extent>& extents) override;
  StoreStatus place(const Digest& digest, const std::vector<Extent>& extents) override;
  Loaded load(const Digest& digest, bool in_memory) override;
  StoreStatus sync() override;

 private:
  using Targets = std::vector<std::pair<FetchId, std::shared_ptr<Target>>>;
  Targets targets() const;

  Store& pieces_;
  SourcePieces* const sources_;
  mutable std::mutex mutex_;
  Targets targets_;  // few
};

}  // namespace p2p::io_linux
