// All that a node holds: its piece store, and the files that contents are being fetched into.
//
// Thread rule: any thread may call any method.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/base/ids.h"
#include "io_linux/store/store.h"
#include "io_linux/store/target.h"

namespace p2p::io_linux {

class NodeStore final : public Store {
 public:
  // `pieces` outlives the store.
  explicit NodeStore(Store& pieces) : pieces_(pieces) {}

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
  mutable std::mutex mutex_;
  Targets targets_;  // few
};

}  // namespace p2p::io_linux
