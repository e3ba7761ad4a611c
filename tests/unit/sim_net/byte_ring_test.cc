// A ring is a queue of bytes, whatever is done to it.
#include "io_sim/net/byte_ring.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

namespace p2p::sim {
namespace {

std::vector<std::byte> front_of(const ByteRing& ring, size_t n) {
  std::vector<std::byte> bytes;
  for (const auto& part : ring.front(n)) bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}

bool same(const ByteRing& ring, const std::deque<std::byte>& model) {
  if (ring.size() != model.size()) return false;
  const auto bytes = front_of(ring, ring.size());
  return std::equal(bytes.begin(), bytes.end(), model.begin(), model.end());
}

RC_GTEST_PROP(ByteRingProperty, holds_what_a_deque_would, ()) {
  enum Op { push, drop, drop_behind, clear };
  ByteRing ring;
  std::deque<std::byte> model;
  uint64_t next = 0;
  const auto ops = *rc::gen::container<std::vector<std::pair<int, size_t>>>(rc::gen::pair(
      rc::gen::weightedElement<int>({{8, push}, {6, drop}, {1, drop_behind}, {1, clear}}),
      rc::gen::inRange<size_t>(0, 400)));
  for (const auto& [op, amount] : ops) {
    const size_t n = op == push ? amount : std::min(amount, model.size());
    const auto at = static_cast<std::ptrdiff_t>(n);
    switch (op) {
      case push: {
        std::vector<std::byte> bytes(n);
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(next++ % 251);
        if (n > 0) ring.push(bytes);
        model.insert(model.end(), bytes.begin(), bytes.end());
        break;
      }
      case drop:
        ring.drop(n);
        model.erase(model.begin(), model.begin() + at);
        break;
      case drop_behind:
        ring.drop_behind(n);
        model.erase(model.begin() + at, model.end());
        break;
      default:
        ring.clear();
        model.clear();
    }
    RC_ASSERT(same(ring, model));
  }
}

TEST(ByteRing, TheFrontIsLookedAtWithoutTakingIt) {
  ByteRing ring;
  const std::vector<std::byte> bytes{std::byte{1}, std::byte{2}, std::byte{3}};
  ring.push(bytes);
  EXPECT_EQ(front_of(ring, 2), (std::vector{std::byte{1}, std::byte{2}}));
  EXPECT_EQ(front_of(ring, 3), bytes);
  EXPECT_EQ(ring.size(), 3U);
}

}  // namespace
}  // namespace p2p::sim
