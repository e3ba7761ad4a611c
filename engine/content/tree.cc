#include "engine/content/tree.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/base/check.h"

namespace p2p {

namespace {

constexpr std::array<std::byte, 4> kTreeMagic{std::byte{'P'}, std::byte{'2'}, std::byte{'P'},
                                              std::byte{'F'}};
constexpr uint8_t kTreeFormat = 1;

// Where the header's fields are.
constexpr size_t kTreeFormatAt = 4;
constexpr size_t kLevelAt = 5;
constexpr size_t kTreePieceSizeAt = 6;
constexpr size_t kKindAt = 7;
constexpr size_t kLengthAt = 8;
constexpr size_t kCountAt = 16;
constexpr size_t kTreeReservedAt = 20;

using Header = std::array<std::byte, kNodeHeaderSize>;

// With the smallest pieces a node has 30 children, and 30^10 KiB < kContentMax <= 30^11 KiB: no
// root is above level 10.
constexpr uint8_t kLevelMax = 10;

// How much content a full child of a node of this level covers, or kContentMax if that is less.
uint64_t child_span(PieceSize piece_size, uint8_t level) {
  uint64_t span = piece_size.bytes();
  for (uint8_t i = 0; i < level && span < kContentMax; ++i) {
    const uint64_t factor = children_max(piece_size);
    span = span > kContentMax / factor ? kContentMax : span * factor;
  }
  return span;
}

// Requires dividend > 0.
uint64_t divide_up(uint64_t dividend, uint64_t divisor) { return (dividend - 1) / divisor + 1; }

// The least level of a root for this much content. Requires inline_max < length <= kContentMax.
uint8_t least_level(PieceSize piece_size, uint64_t length) {
  uint8_t level = 0;
  while (divide_up(length, child_span(piece_size, level)) > children_max(piece_size)) ++level;
  P2P_CHECK(level <= kLevelMax);
  return level;
}

Header make_header(PieceSize piece_size, ContentKind kind, uint8_t level, uint64_t length,
                   uint32_t count) {
  Header header{};
  const std::span<std::byte> out(header);
  std::copy(kTreeMagic.begin(), kTreeMagic.end(), header.begin());
  header[kTreeFormatAt] = std::byte{kTreeFormat};
  header[kLevelAt] = std::byte{level};
  header[kTreePieceSizeAt] = std::byte{piece_size.log2()};
  header[kKindAt] = std::byte{static_cast<uint8_t>(kind)};
  store_u64le(out.subspan(kLengthAt), length);
  store_u32le(out.subspan(kCountAt), count);
  return header;
}

NodePiece finish_node(PieceSize piece_size, uint8_t level, std::span<const std::byte> bytes) {
  const auto trimmed = bytes.first(length_without_trailing_zeros(bytes));
  return {sha256_zero_filled(trimmed, piece_size.bytes() - trimmed.size()), Slice::copy_of(trimmed),
          level};
}

bool all_zero(std::span<const std::byte> bytes) {
  return length_without_trailing_zeros(bytes) == 0;
}

// What is in `bytes` from `offset` on; nothing if they end before.
std::span<const std::byte> from(std::span<const std::byte> bytes, uint64_t offset) {
  return bytes.subspan(static_cast<size_t>(std::min<uint64_t>(offset, bytes.size())));
}

std::optional<TreeFault> fault_of_fixed_fields(const Header& header, PieceSize piece_size,
                                               bool root) {
  const std::span<const std::byte> in(header);
  const auto kind_max = root ? std::byte{1} : std::byte{0};
  if (!std::equal(kTreeMagic.begin(), kTreeMagic.end(), header.begin()))
    return TreeFault::bad_magic;
  if (header[kTreeFormatAt] != std::byte{kTreeFormat}) return TreeFault::unknown_format;
  if (header[kTreePieceSizeAt] != std::byte{piece_size.log2()}) return TreeFault::other_piece_size;
  if (header[kKindAt] > kind_max) return TreeFault::unknown_kind;
  if (!all_zero(in.subspan(kTreeReservedAt))) return TreeFault::reserved_bytes_used;
  return std::nullopt;
}

// The length must have been found to be that of `place` or, in a root, at most kContentMax.
std::optional<TreeFault> fault_of_shape(PieceSize piece_size, const NodePlace& place,
                                        uint64_t length, uint8_t level, uint32_t count) {
  const bool is_inline = place.root && length <= inline_max(piece_size);
  uint8_t right_level = place.level;
  if (place.root) right_level = is_inline ? uint8_t{0} : least_level(piece_size, length);
  if (level != right_level) return TreeFault::wrong_level;
  const uint64_t right_count =
      is_inline ? 0 : divide_up(length, child_span(piece_size, right_level));
  if (count != right_count) return TreeFault::wrong_child_count;
  return std::nullopt;
}

// Requires that the node's shape is right. The digests may end early: zeros were trimmed.
std::vector<ChildPlace> children_of(std::span<const std::byte> digests, PieceSize piece_size,
                                    uint8_t level, const NodePlace& place, uint32_t count) {
  const uint64_t span = child_span(piece_size, level);
  std::vector<ChildPlace> children(count);
  uint64_t done = 0;
  for (ChildPlace& child : children) {
    const auto bytes = digests.first(std::min(digests.size(), Digest::kSize));
    std::copy(bytes.begin(), bytes.end(), child.digest.bytes.begin());
    digests = digests.subspan(bytes.size());
    child.is_node = level > 0;
    child.level = level > 0 ? static_cast<uint8_t>(level - 1) : uint8_t{0};
    child.offset = place.offset + done;
    child.length = std::min(span, place.length - done);
    done += child.length;
  }
  P2P_CHECK(done == place.length);
  return children;
}

std::string_view fault_text(TreeFault fault) {
  switch (fault) {
    case TreeFault::bad_magic:
      return "does not begin with P2PF";
    case TreeFault::unknown_format:
      return "has a format other than 1";
    case TreeFault::other_piece_size:
      return "is made for another piece size";
    case TreeFault::unknown_kind:
      return "has a kind that is not allowed there";
    case TreeFault::reserved_bytes_used:
      return "has bytes other than zero in the reserved part of its header";
    case TreeFault::too_long:
      return "claims more than 2^60 bytes of content";
    case TreeFault::wrong_length:
      return "claims another length than its parent gives it";
    case TreeFault::wrong_level:
      return "has a level that does not fit its length and place";
    case TreeFault::wrong_child_count:
      return "has a number of children that does not fit its length";
    case TreeFault::fill_not_zero:
      return "has bytes other than zero after its end";
  }
  return "";
}

}  // namespace

uint64_t inline_max(PieceSize piece_size) { return piece_size.bytes() - kNodeHeaderSize; }

uint64_t children_max(PieceSize piece_size) { return inline_max(piece_size) / Digest::kSize; }

NodePiece inline_root(PieceSize piece_size, std::span<const std::byte> content, ContentKind kind) {
  P2P_CHECK(content.size() <= inline_max(piece_size));
  const Header header = make_header(piece_size, kind, 0, content.size(), 0);
  std::vector<std::byte> bytes(header.begin(), header.end());
  bytes.insert(bytes.end(), content.begin(), content.end());
  return finish_node(piece_size, 0, bytes);
}

TreeBuilder::TreeBuilder(PieceSize piece_size, ContentKind kind)
    : piece_size_(piece_size), kind_(kind) {}

void TreeBuilder::add_data_piece(const Digest& digest, uint32_t length) {
  P2P_CHECK(length >= 1 && length <= piece_size_.bytes());
  P2P_CHECK(length_ % piece_size_.bytes() == 0);  // Only the last piece may be shorter.
  P2P_CHECK(length <= kContentMax - length_);
  length_ += length;
  data_pieces_.push_back(digest);
}

std::vector<NodePiece> TreeBuilder::finish() {
  P2P_CHECK(length_ > inline_max(piece_size_));
  const uint64_t fanout = children_max(piece_size_);
  std::vector<NodePiece> nodes;
  std::vector<Digest> children = std::exchange(data_pieces_, {});
  const uint64_t length = std::exchange(length_, 0);
  for (uint8_t level = 0; level == 0 || children.size() > 1; ++level) {
    const bool is_root = children.size() <= fanout;
    const uint64_t node_span = child_span(piece_size_, static_cast<uint8_t>(level + 1));
    std::vector<Digest> parents;
    for (size_t first = 0; first < children.size(); first += static_cast<size_t>(fanout)) {
      const auto count = std::min(static_cast<size_t>(fanout), children.size() - first);
      const uint64_t offset = parents.size() * node_span;
      const Header header =
          make_header(piece_size_, is_root ? kind_ : ContentKind::file, level,
                      std::min(node_span, length - offset), static_cast<uint32_t>(count));
      std::vector<std::byte> bytes(header.begin(), header.end());
      for (const Digest& child : std::span(children).subspan(first, count)) {
        bytes.insert(bytes.end(), child.bytes.begin(), child.bytes.end());
      }
      nodes.push_back(finish_node(piece_size_, level, bytes));
      parents.push_back(nodes.back().digest);
    }
    children = std::move(parents);
  }
  return nodes;
}

NodePlace ChildPlace::node_place() const {
  P2P_CHECK(is_node);
  return {false, level, offset, length};
}

std::string TreeError::text() const {
  std::string who = "the root of the tree";
  if (!place.root) {
    who = "the tree's node of level " + std::to_string(place.level) + " at byte " +
          std::to_string(place.offset);
  }
  return who + " " + std::string(fault_text(fault));
}

std::variant<Node, TreeError> read_node(std::span<const std::byte> piece, PieceSize piece_size,
                                        const NodePlace& place) {
  P2P_CHECK(piece.size() <= piece_size.bytes());
  if (!place.root) {
    P2P_CHECK(place.level < kLevelMax && place.offset <= kContentMax);
    P2P_CHECK(place.length >= 1 && place.length <= kContentMax - place.offset);
    P2P_CHECK(place.length <= child_span(piece_size, static_cast<uint8_t>(place.level + 1)));
  }
  Header header{};
  std::copy_n(piece.begin(), std::min(piece.size(), header.size()), header.begin());
  const std::span<const std::byte> in(header);
  if (const auto fault = fault_of_fixed_fields(header, piece_size, place.root)) {
    return TreeError{*fault, place};
  }
  const uint64_t length = load_u64le(in.subspan(kLengthAt));
  const auto level = std::to_integer<uint8_t>(header[kLevelAt]);
  const uint32_t count = load_u32le(in.subspan(kCountAt));
  if (length > kContentMax) return TreeError{TreeFault::too_long, place};
  if (!place.root && length != place.length) return TreeError{TreeFault::wrong_length, place};
  if (const auto fault = fault_of_shape(piece_size, place, length, level, count)) {
    return TreeError{*fault, place};
  }

  const auto payload = from(piece, kNodeHeaderSize);
  const uint64_t payload_end = count > 0 ? uint64_t{count} * Digest::kSize : length;
  const auto fill = from(payload, payload_end);
  if (!all_zero(fill)) return TreeError{TreeFault::fill_not_zero, place};

  Node node;
  node.kind = static_cast<ContentKind>(header[kKindAt]);
  node.level = level;
  node.length = length;
  const auto used = payload.first(payload.size() - fill.size());
  if (count == 0) {
    node.inline_bytes = used;
  } else {
    const NodePlace here{place.root, level, place.root ? 0 : place.offset, length};
    node.children = children_of(used, piece_size, level, here, count);
  }
  return node;
}

bool data_padding_is_zero(std::span<const std::byte> piece, uint64_t content_length) {
  return all_zero(from(piece, content_length));
}

}  // namespace p2p
