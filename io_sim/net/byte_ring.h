// A queue of bytes that grows with what is in it and holds no memory when it is empty.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

namespace p2p::sim {

class ByteRing {
 public:
  size_t size() const { return size_; }
  void push(std::span<const std::byte> bytes);
  // The first n bytes, in at most two spans. Requires n <= size().
  std::array<std::span<const std::byte>, 2> front(size_t n) const;
  // Requires n <= size().
  void drop(size_t n);
  // All but the first n bytes. Requires n <= size().
  void drop_behind(size_t n);
  void clear();

 private:
  void reserve(size_t capacity);

  std::unique_ptr<std::byte[]> data_;
  size_t capacity_ = 0;  // a power of two, or nothing
  size_t first_ = 0;
  size_t size_ = 0;
};

}  // namespace p2p::sim
