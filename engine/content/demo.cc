#include "engine/content/demo.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>

#include "engine/base/check.h"

namespace p2p {

DemoPiece demo_piece(uint32_t number, PieceSize piece_size) {
  std::array<std::byte, 4> bytes{};
  store_u32le(bytes, number);
  const size_t length = length_without_trailing_zeros(bytes);
  const auto kept = std::span<const std::byte>(bytes).first(length);
  return {sha256_zero_filled(kept, piece_size.bytes() - length), Slice::copy_of(kept)};
}

DemoChoice choose_demo(const DemoShape& shape, Random& random) {
  P2P_CHECK(shape.have <= shape.pool);
  std::vector<uint32_t> numbers(shape.pool);
  std::iota(numbers.begin(), numbers.end(), 0U);
  random.shuffle(numbers);
  const auto have_end = numbers.begin() + shape.have;
  const uint32_t want = std::min(shape.want, shape.pool - shape.have);
  return {{numbers.begin(), have_end}, {have_end, have_end + want}};
}

}  // namespace p2p
