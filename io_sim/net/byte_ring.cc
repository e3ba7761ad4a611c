#include "io_sim/net/byte_ring.h"

#include <algorithm>
#include <bit>

#include "engine/base/check.h"

namespace p2p::sim {

namespace {

// More than this is given back when the queue is empty; less is not worth the call.
constexpr size_t kKept = 128;
constexpr size_t kLeast = 64;

}  // namespace

void ByteRing::push(std::span<const std::byte> bytes) {
  if (size_ + bytes.size() > capacity_) reserve(size_ + bytes.size());
  const size_t at = (first_ + size_) & (capacity_ - 1);
  const size_t head = std::min(bytes.size(), capacity_ - at);
  std::copy_n(bytes.begin(), head, data_.get() + at);
  std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(head), bytes.end(), data_.get());
  size_ += bytes.size();
}

std::array<std::span<const std::byte>, 2> ByteRing::front(size_t n) const {
  P2P_CHECK(n <= size_);
  const size_t head = std::min(n, capacity_ - first_);
  return {std::span<const std::byte>(data_.get() + first_, head),
          std::span<const std::byte>(data_.get(), n - head)};
}

void ByteRing::drop(size_t n) {
  P2P_CHECK(n <= size_);
  size_ -= n;
  first_ = size_ == 0 ? 0 : (first_ + n) & (capacity_ - 1);
  if (size_ == 0 && capacity_ > kKept) clear();
}

void ByteRing::drop_behind(size_t n) {
  P2P_CHECK(n <= size_);
  size_ = n;
  if (size_ == 0) drop(0);
}

void ByteRing::clear() {
  data_.reset();
  capacity_ = first_ = size_ = 0;
}

void ByteRing::reserve(size_t capacity) {
  const size_t grown = std::bit_ceil(std::max(capacity, kLeast));
  // Not value-initialised: only what was pushed is read.
  std::unique_ptr<std::byte[]> data(new std::byte[grown]);
  if (size_ > 0) {
    const auto parts = front(size_);
    std::copy(parts[0].begin(), parts[0].end(), data.get());
    std::copy(parts[1].begin(), parts[1].end(), data.get() + parts[0].size());
  }
  data_ = std::move(data);
  capacity_ = grown;
  first_ = 0;
}

}  // namespace p2p::sim
