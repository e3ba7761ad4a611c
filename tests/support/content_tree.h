// Whole contents as trees of pieces in memory, and a second encoder of nodes, written from
// docs/protocol.md and from nothing in engine/content, to compare with.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/digest.h"
#include "engine/base/piece_size.h"
#include "engine/content/tree.h"

namespace p2p::test {

// Byte i is i mod 251, as in the files of the protocol's vectors.
inline std::vector<std::byte> counting_bytes(size_t count) {
  std::vector<std::byte> bytes(count);
  for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::byte>(i % 251);
  return bytes;
}

struct ContentTree {
  PieceSize piece_size;
  std::vector<NodePiece> nodes;  // the root last
  // Data pieces and nodes, without trailing zeros.
  std::map<Digest, std::vector<std::byte>> pieces;

  const Digest& id() const { return nodes.back().digest; }
};

inline ContentTree make_content_tree(PieceSize piece_size, std::span<const std::byte> content,
                                     ContentKind kind = ContentKind::file) {
  ContentTree tree{piece_size, {}, {}};
  if (content.size() <= inline_max(piece_size)) {
    tree.nodes.push_back(inline_root(piece_size, content, kind));
  } else {
    TreeBuilder builder(piece_size, kind);
    for (size_t at = 0; at < content.size(); at += piece_size.bytes()) {
      const size_t length = std::min<size_t>(piece_size.bytes(), content.size() - at);
      const auto bytes = content.subspan(at, length);
      const Digest digest = sha256_zero_filled(bytes, piece_size.bytes() - length);
      builder.add_data_piece(digest, static_cast<uint32_t>(length));
      const auto trimmed = bytes.first(length_without_trailing_zeros(bytes));
      tree.pieces[digest].assign(trimmed.begin(), trimmed.end());
    }
    tree.nodes = builder.finish();
  }
  for (const NodePiece& node : tree.nodes) {
    const auto bytes = node.bytes.bytes();
    tree.pieces[node.digest].assign(bytes.begin(), bytes.end());
  }
  return tree;
}

// Reads everything under a piece, from it down, and appends it to `content`. Returns the first
// error.
inline std::variant<std::monostate, TreeError> read_content(const ContentTree& tree,
                                                            const Digest& digest,
                                                            const NodePlace& place,
                                                            std::vector<std::byte>& content) {
  const auto result = read_node(tree.pieces.at(digest), tree.piece_size, place);
  if (const auto* error = std::get_if<TreeError>(&result)) return *error;
  const Node& node = std::get<Node>(result);
  content.insert(content.end(), node.inline_bytes.begin(), node.inline_bytes.end());
  if (node.is_inline()) content.resize(static_cast<size_t>(node.length));
  for (const ChildPlace& child : node.children) {
    if (child.is_node) {
      const auto below = read_content(tree, child.digest, child.node_place(), content);
      if (std::holds_alternative<TreeError>(below)) return below;
      continue;
    }
    const std::vector<std::byte>& data = tree.pieces.at(child.digest);
    content.insert(content.end(), data.begin(), data.end());
    content.resize(static_cast<size_t>(child.offset + child.length));
  }
  return std::monostate();
}

// The one piece, P bytes, that a node can have been read from.
inline std::vector<std::byte> encode_node(PieceSize piece_size, const Node& node) {
  std::vector<std::byte> piece(piece_size.bytes());
  const std::span<std::byte> out(piece);
  for (size_t i = 0; i < 4; ++i) piece[i] = static_cast<std::byte>("P2PF"[i]);
  piece[4] = std::byte{1};
  piece[5] = std::byte{node.level};
  piece[6] = std::byte{piece_size.log2()};
  piece[7] = std::byte{static_cast<uint8_t>(node.kind)};
  store_u64le(out.subspan(8), node.length);
  store_u32le(out.subspan(16), static_cast<uint32_t>(node.children.size()));
  std::copy(node.inline_bytes.begin(), node.inline_bytes.end(), piece.begin() + 64);
  auto at = piece.begin() + 64;
  for (const ChildPlace& child : node.children) {
    at = std::copy(child.digest.bytes.begin(), child.digest.bytes.end(), at);
  }
  return piece;
}

// `piece` and the zeros that it lacks.
inline std::vector<std::byte> zero_filled(PieceSize piece_size, std::span<const std::byte> piece) {
  std::vector<std::byte> filled(piece.begin(), piece.end());
  filled.resize(piece_size.bytes());
  return filled;
}

}  // namespace p2p::test
