// Blocks of one size that are used again: a page touched for the first time costs as much as
// hashing what is on it.
//
// A block is free when the pool alone holds it. Thread rule: references to blocks are taken and let
// go on the engine's thread only; a worker gives its reference back with its completion.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/base/bytes.h"

namespace p2p {

class BlockPool {
 public:
  // Keeps up to `kept_max` blocks for later.
  BlockPool(size_t block_size, size_t kept_max) : block_size_(block_size), kept_max_(kept_max) {}

  std::shared_ptr<Block> take() {
    for (const auto& block : blocks_) {
      if (block.use_count() == 1) return block;
    }
    auto block = std::make_shared<Block>(block_size_);
    if (blocks_.size() < kept_max_) blocks_.push_back(block);
    return block;
  }

  // Gives back the memory of the blocks that nobody uses.
  void trim() {
    std::erase_if(blocks_, [](const auto& block) { return block.use_count() == 1; });
  }

 private:
  size_t block_size_;
  size_t kept_max_;
  std::vector<std::shared_ptr<Block>> blocks_;
};

}  // namespace p2p
