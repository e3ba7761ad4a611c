#include "engine/base/bytes.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/base/check.h"

namespace p2p {

namespace {

constexpr size_t kZeroBlock = size_t{64} << 10;
constexpr std::array<std::byte, kZeroBlock> kZeros{};

}  // namespace

Block::Block(size_t size) : data_(new std::byte[size]), size_(size) {}

Slice::Slice(std::shared_ptr<const Block> block) : block_(std::move(block)) {
  length_ = block_ == nullptr ? 0 : block_->size();
}

Slice::Slice(std::shared_ptr<const Block> block, size_t offset, size_t length)
    : block_(std::move(block)), offset_(offset), length_(length) {
  P2P_CHECK(block_ != nullptr && offset <= block_->size() && length <= block_->size() - offset);
}

Slice Slice::copy_of(std::span<const std::byte> bytes) {
  auto block = std::make_shared<Block>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), block->writable().begin());
  return Slice(std::move(block));
}

Slice Slice::sub(size_t offset, size_t length) const {
  P2P_CHECK(offset <= length_ && length <= length_ - offset);
  if (length == 0) return {};
  return {block_, offset_ + offset, length};
}

std::span<const std::byte> Slice::bytes() const {
  if (block_ == nullptr) return {};
  return block_->bytes().subspan(offset_, length_);
}

std::span<const std::byte> zero_bytes(uint64_t wanted) {
  return std::span(kZeros).first(static_cast<size_t>(std::min<uint64_t>(wanted, kZeroBlock)));
}

size_t length_without_trailing_zeros(std::span<const std::byte> bytes) {
  size_t length = bytes.size();
  // By whole blocks first: memcmp is many times faster than a loop over bytes.
  while (length >= 4096 && std::memcmp(&bytes[length - 4096], kZeros.data(), 4096) == 0) {
    length -= 4096;
  }
  while (length > 0 && bytes[length - 1] == std::byte{0}) --length;
  return length;
}

}  // namespace p2p
