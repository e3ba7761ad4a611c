// A file as a tree of pieces: building one from the digests of the data pieces, and reading one
// node at a time from the root down (docs/protocol.md, Files). There is exactly one tree for a
// content, and read_node accepts nothing else.
//
// All lengths and offsets are bytes of the content, unless said otherwise. Nothing here keeps a
// reference to what it was given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/digest.h"
#include "engine/base/piece_size.h"

namespace p2p {

// What the bytes of a content are. The numbers are those of the wire.
enum class ContentKind : uint8_t { file = 0, directory = 1 };

inline constexpr uint64_t kContentMax = uint64_t{1} << 60;
inline constexpr size_t kNodeHeaderSize = 64;  // bytes of a node before its children or its bytes

// The longest content that fits into its root: P - 64.
uint64_t inline_max(PieceSize piece_size);
// How many children a full node has: (P - 64) / 32.
uint64_t children_max(PieceSize piece_size);

// A node as it is stored and sent: the piece is `bytes` and then zeros up to P.
struct NodePiece {
  Digest digest;  // of the whole piece
  Slice bytes;    // without trailing zeros
  uint8_t level = 0;
};

// The root, and only node, of a content of at most inline_max bytes, which this requires.
NodePiece inline_root(PieceSize piece_size, std::span<const std::byte> content,
                      ContentKind kind = ContentKind::file);

// Makes the nodes above the data pieces of a content of more than inline_max bytes. Holds 32 bytes
// for each data piece, never the pieces.
class TreeBuilder {
 public:
  explicit TreeBuilder(PieceSize piece_size, ContentKind kind = ContentKind::file);

  // In the order of the content. `length` is how much of it is in the piece: P in all but the last,
  // at least 1, together at most kContentMax. The digest is that of the piece filled up with zeros.
  void add_data_piece(const Digest& digest, uint32_t length);
  // The bytes added so far.
  uint64_t length() const { return length_; }

  // Every node, the bottom level first, each level in order, the root last. Requires length() >
  // inline_max. The builder is as new after it.
  std::vector<NodePiece> finish();

 private:
  PieceSize piece_size_;
  ContentKind kind_;
  uint64_t length_ = 0;
  std::vector<Digest> data_pieces_;
};

// What a node must be, as its parent says. Of a root only the digest is known beforehand: the other
// members are then ignored.
struct NodePlace {
  bool root = true;
  uint8_t level = 0;    // 0: its children are data pieces
  uint64_t offset = 0;  // of its first byte in the content
  uint64_t length = 0;  // of the content under it
};

// A child of a node. Of a data piece that is the content's last, `length` may be less than P.
struct ChildPlace {
  Digest digest;
  bool is_node = false;
  uint8_t level = 0;  // when is_node
  uint64_t offset = 0;
  uint64_t length = 0;

  // Requires is_node.
  NodePlace node_place() const;
};

struct Node {
  ContentKind kind = ContentKind::file;  // of the root; `file` in every other node
  uint8_t level = 0;
  uint64_t length = 0;
  std::vector<ChildPlace> children;  // in the order of the content; none in an inline root
  // Of a root without children: the first bytes of the content, in the memory of the piece that was
  // read. The remaining `length - inline_bytes.size()` are zeros that were trimmed off.
  std::span<const std::byte> inline_bytes;

  bool is_inline() const { return children.empty(); }
};

// The rule that a piece breaks, in the order in which they are checked.
enum class TreeFault {
  bad_magic,
  unknown_format,
  other_piece_size,
  unknown_kind,         // of a root; of another node: not zero
  reserved_bytes_used,  // in the header, offsets 20 to 63
  too_long,             // more than kContentMax
  wrong_length,         // not what the parent says
  wrong_level,          // not what the parent says; of a root: not the least that fits
  wrong_child_count,    // not what length and level ask for
  fill_not_zero,        // after the children or the inline bytes
};

struct TreeError {
  TreeFault fault = TreeFault::bad_magic;
  NodePlace place;

  // One sentence without capital and full stop, such as "the root of the tree has bytes other than
  // zero after its children".
  std::string text() const;
};

// Reads a node. `piece` has the digest that the level above names (the caller has checked), P bytes
// or fewer: what is missing is zeros. Requires piece.size() <= P, and a place of ChildPlace's
// making.
std::variant<Node, TreeError> read_node(std::span<const std::byte> piece, PieceSize piece_size,
                                        const NodePlace& place);

// Whether a data piece with `content_length` bytes of content has nothing but zeros after them.
// `piece` may lack zeros at its end.
bool data_padding_is_zero(std::span<const std::byte> piece, uint64_t content_length);

}  // namespace p2p
