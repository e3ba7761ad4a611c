// The store of a node that keeps nothing: pieces in memory, for --demo and tests. It has no
// targets.
#pragma once

#include <cstddef>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/digest.h"
#include "io_linux/store/store.h"

namespace p2p::io_linux {

// Unbounded: whoever puts pieces here knows how many. Their trailing zeros take no memory.
class MemoryStore final : public Store {
 public:
  StoreStatus put(const Digest& digest, std::span<const std::byte> bytes) override;
  StoreStatus put_at(const Digest& digest, std::span<const std::byte> bytes,
                     const std::vector<Extent>& extents) override;
  StoreStatus place(const Digest& digest, const std::vector<Extent>& extents) override;
  Loaded load(const Digest& digest, bool in_memory) override;
  StoreStatus sync() override;

  // The digests of all pieces, ascending: for Started.
  std::vector<Digest> held() const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<Digest, Slice, DigestHash> pieces_;
};

}  // namespace p2p::io_linux
