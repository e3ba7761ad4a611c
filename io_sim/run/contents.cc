#include "io_sim/run/contents.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "engine/content/demo.h"
#include "engine/content/tree.h"
#include "io_sim/scenario/keyed_seed.h"
#include "io_sim/world/made_bytes.h"

namespace p2p::sim {

namespace {}  // namespace

MadeContent make_content(const Content& content, PieceSize piece_size, uint64_t seed,
                         PiecePool& pool) {
  const uint64_t key = keyed_seed(seed, "content", content.id).value;
  MadeContent made;
  std::vector<std::byte> buffer(
      static_cast<size_t>(std::min<uint64_t>(content.size, piece_size.bytes())));
  if (content.size <= inline_max(piece_size)) {
    make_bytes(key, buffer);
    const NodePiece root = inline_root(piece_size, buffer);
    pool.add(root.digest, root.bytes);
    made.root = root.digest;
    made.pieces.push_back(root.digest);
    return made;
  }
  TreeBuilder tree(piece_size);
  for (uint64_t at = 0; at < content.size; at += piece_size.bytes()) {
    const auto length =
        static_cast<uint32_t>(std::min<uint64_t>(piece_size.bytes(), content.size - at));
    const auto bytes = std::span(buffer).first(length);
    const uint64_t piece_seed = mixed(key, at);
    make_bytes(piece_seed, bytes);
    const Digest digest = sha256_zero_filled(bytes, piece_size.bytes() - length);
    tree.add_data_piece(digest, length);
    pool.add(digest, PiecePool::Recipe{
                         piece_seed, static_cast<uint32_t>(length_without_trailing_zeros(bytes))});
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
