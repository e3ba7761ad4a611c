#include "io_sim/run/contents.h"

#include <algorithm>
#include <array>
#include <memory>

#include "engine/content/demo.h"
#include "engine/content/tree.h"
#include "io_sim/scenario/keyed_seed.h"

namespace p2p::sim {

namespace {

// `size` bytes of the stream.
Slice random_bytes(size_t size, Random& random) {
  auto block = std::make_shared<Block>(size);
  auto out = block->writable();
  while (out.size() >= 8) {
    store_u64le(out, random.next());
    out = out.subspan(8);
  }
  std::array<std::byte, 8> last{};
  store_u64le(last, random.next());
  std::copy_n(last.begin(), out.size(), out.begin());
  return Slice(std::move(block));
}

Slice trimmed(const Slice& bytes) {
  return bytes.sub(0, length_without_trailing_zeros(bytes.bytes()));
}

}  // namespace

MadeContent make_content(const Content& content, PieceSize piece_size, uint64_t seed,
                         PiecePool& pool) {
  Random random(keyed_seed(seed, "content", content.id));
  MadeContent made;
  if (content.size <= inline_max(piece_size)) {
    const Slice bytes = random_bytes(static_cast<size_t>(content.size), random);
    const NodePiece root = inline_root(piece_size, bytes.bytes());
    pool.add(root.digest, root.bytes);
    made.root = root.digest;
    made.pieces.push_back(root.digest);
    return made;
  }
  TreeBuilder tree(piece_size);
  for (uint64_t at = 0; at < content.size; at += piece_size.bytes()) {
    const auto length =
        static_cast<uint32_t>(std::min<uint64_t>(piece_size.bytes(), content.size - at));
    const Slice bytes = random_bytes(length, random);
    const Digest digest = sha256_zero_filled(bytes.bytes(), piece_size.bytes() - length);
    tree.add_data_piece(digest, length);
    pool.add(digest, trimmed(bytes));
    made.pieces.push_back(digest);
  }
  for (const NodePiece& node : tree.finish()) {
    pool.add(node.digest, node.bytes);
    made.pieces.push_back(node.digest);
    made.root = node.digest;
  }
  return made;
}

std::vector<Digest> make_demo_pieces(uint32_t pool_size, PieceSize piece_size, PiecePool& pool) {
  std::vector<Digest> pieces;
  for (uint32_t number = 0; number < pool_size; ++number) {
    const DemoPiece piece = demo_piece(number, piece_size);
    pool.add(piece.digest, piece.bytes);
    pieces.push_back(piece.digest);
  }
  return pieces;
}

}  // namespace p2p::sim
