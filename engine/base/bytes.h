// Immutable, shared, sliceable bytes, and the little-endian integers of the wire.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/check.h"

namespace p2p {

// A block of memory that is filled once and then shared. Whoever holds the shared_ptr owns it.
// The block is allocated without being touched, so that its pages cost nothing until bytes land.
class Block {
 public:
  explicit Block(size_t size);
  std::span<std::byte> writable() { return {data_.get(), size_}; }
  std::span<const std::byte> bytes() const { return {data_.get(), size_}; }
  size_t size() const { return size_; }

 private:
  std::unique_ptr<std::byte[]> data_;
  size_t size_;
};

// A part of a shared block. Copying it copies no bytes. Thread rule: the bytes are read-only and
// may be read from any thread; a Slice object itself belongs to one thread at a time.
class Slice {
 public:
  Slice() = default;
  explicit Slice(std::shared_ptr<const Block> block);
  // Requires offset + length <= block->size().
  Slice(std::shared_ptr<const Block> block, size_t offset, size_t length);
  static Slice copy_of(std::span<const std::byte> bytes);

  // Requires offset + length <= size().
  Slice sub(size_t offset, size_t length) const;
  std::span<const std::byte> bytes() const;
  size_t size() const { return length_; }
  bool empty() const { return length_ == 0; }

 private:
  std::shared_ptr<const Block> block_;
  size_t offset_ = 0;
  size_t length_ = 0;
};

// Up to `wanted` zero bytes that live for ever; at least one if wanted > 0, at most 64 KiB a call.
std::span<const std::byte> zero_bytes(uint64_t wanted);
// How many of `bytes` are left when the zeros at their end are taken off.
size_t length_without_trailing_zeros(std::span<const std::byte> bytes);

// Little-endian integers, whatever the host's order. Require in.size() or out.size() >= sizeof.
template <class Integer>
Integer load_le(std::span<const std::byte> in) {
  P2P_CHECK(in.size() >= sizeof(Integer));
  std::array<std::byte, sizeof(Integer)> bytes;
  std::copy_n(in.begin(), bytes.size(), bytes.begin());
  if constexpr (std::endian::native == std::endian::big) std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<Integer>(bytes);
}
template <class Integer>
void store_le(std::span<std::byte> out, Integer value) {
  P2P_CHECK(out.size() >= sizeof(Integer));
  auto bytes = std::bit_cast<std::array<std::byte, sizeof(Integer)>>(value);
  if constexpr (std::endian::native == std::endian::big) std::reverse(bytes.begin(), bytes.end());
  std::copy(bytes.begin(), bytes.end(), out.begin());
}
inline uint16_t load_u16le(std::span<const std::byte> in) { return load_le<uint16_t>(in); }
inline uint32_t load_u32le(std::span<const std::byte> in) { return load_le<uint32_t>(in); }
inline uint64_t load_u64le(std::span<const std::byte> in) { return load_le<uint64_t>(in); }
inline void store_u16le(std::span<std::byte> out, uint16_t value) { store_le(out, value); }
inline void store_u32le(std::span<std::byte> out, uint32_t value) { store_le(out, value); }
inline void store_u64le(std::span<std::byte> out, uint64_t value) { store_le(out, value); }

}  // namespace p2p
