// There is exactly one tree for a content, whatever its length and bytes; and whatever a piece
// holds, read_node either refuses it or it is the one that such a node has.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "engine/base/random.h"
#include "engine/content/tree.h"
#include "tests/support/content_tree.h"

namespace p2p::tree_property_test {
namespace {

using test::ContentTree;
using test::encode_node;
using test::make_content_tree;
using test::zero_filled;
using Bytes = std::vector<std::byte>;

constexpr PieceSize kKibibyte = *PieceSize::from_bytes(1024);

// Lengths of up to three levels; the borders between the shapes come often.
size_t any_length() {
  const auto border = *rc::gen::element<size_t>(0, 960, 1024, 30'720, 61'440, 921'600);
  const auto near = border + *rc::gen::inRange<size_t>(0, 3);
  return *rc::gen::oneOf(rc::gen::just(near == 0 ? near : near - 1),
                         rc::gen::inRange<size_t>(0, 100'000));
}

// Random bytes with runs of zeros, so that pieces have something to trim. RapidCheck's own vectors
// are too slow for this many.
Bytes any_content() {
  Bytes content(any_length());
  Random random(Seed{*rc::gen::arbitrary<uint64_t>()});
  const uint64_t zero_chance = random.below(4);
  for (size_t at = 0; at < content.size();) {
    const auto run = static_cast<size_t>(random.below(2048)) + 1;
    const size_t end = std::min(content.size(), at + run);
    const bool zeros = random.below(4) < zero_chance;
    for (; at < end; ++at) {
      if (!zeros) content[at] = static_cast<std::byte>(random.next() & 0xff);
    }
  }
  return content;
}

// Every node of a tree with its place, the root first.
struct PlacedNode {
  Digest digest;
  NodePlace place;
};
void collect_nodes(const ContentTree& tree, const PlacedNode& at, std::vector<PlacedNode>& out) {
  out.push_back(at);
  const auto result = read_node(tree.pieces.at(at.digest), tree.piece_size, at.place);
  for (const ChildPlace& child : std::get<Node>(result).children) {
    if (child.is_node) collect_nodes(tree, {child.digest, child.node_place()}, out);
  }
}

// Reads `piece` both whole and trimmed, and checks what the two say. Returns the fault, if any.
std::optional<TreeFault> checked_fault(const Bytes& piece, const NodePlace& place) {
  const auto whole = read_node(piece, kKibibyte, place);
  const Bytes trimmed(piece.begin(),
                      piece.begin() + static_cast<ptrdiff_t>(length_without_trailing_zeros(piece)));
  const auto short_form = read_node(trimmed, kKibibyte, place);
  RC_ASSERT(whole.index() == short_form.index());
  if (const auto* error = std::get_if<TreeError>(&whole)) {
    RC_ASSERT(error->fault == std::get<TreeError>(short_form).fault);
    RC_ASSERT(!error->text().empty());
    return error->fault;
  }
  const Node& node = std::get<Node>(whole);
  RC_ASSERT(encode_node(kKibibyte, node) == piece);
  RC_ASSERT(encode_node(kKibibyte, std::get<Node>(short_form)) == piece);
  RC_ASSERT(place.root || (node.length == place.length && node.level == place.level));
  uint64_t covered = 0;
  for (const ChildPlace& child : node.children) {
    RC_ASSERT(child.offset == (place.root ? 0 : place.offset) + covered);
    RC_ASSERT(child.length >= 1u);
    RC_ASSERT(child.is_node == (node.level > 0));
    covered += child.length;
  }
  RC_ASSERT(node.is_inline() || covered == node.length);
  return std::nullopt;
}

RC_GTEST_PROP(TreeProperty, reading_what_was_built_gives_the_content_back, ()) {
  const Bytes content = any_content();
  const auto kind = *rc::gen::element(ContentKind::file, ContentKind::directory);
  const ContentTree tree = make_content_tree(kKibibyte, content, kind);
  Bytes read;
  const auto result = test::read_content(tree, tree.id(), NodePlace(), read);
  RC_ASSERT(std::holds_alternative<std::monostate>(result));
  RC_ASSERT(read == content);
  const auto root = read_node(tree.pieces.at(tree.id()), kKibibyte, NodePlace());
  RC_ASSERT(std::get<Node>(root).kind == kind);
}

RC_GTEST_PROP(TreeProperty, every_node_is_what_a_second_encoder_makes_of_it, ()) {
  const ContentTree tree = make_content_tree(kKibibyte, any_content());
  std::vector<PlacedNode> nodes;
  collect_nodes(tree, {tree.id(), NodePlace()}, nodes);
  RC_ASSERT(nodes.size() == tree.nodes.size());
  for (const PlacedNode& node : nodes) {
    const Bytes piece = zero_filled(kKibibyte, tree.pieces.at(node.digest));
    RC_ASSERT(sha256(piece) == node.digest);
    RC_ASSERT(checked_fault(piece, node.place) == std::nullopt);
  }
}

// The mutated piece has another digest, so it is never taken for the old one; and as a node of its
// own it is refused, or nothing but other children's digests or other inline bytes.
RC_GTEST_PROP(TreeProperty, one_changed_byte_is_refused_or_is_in_a_digest_or_the_content, ()) {
  const ContentTree tree = make_content_tree(kKibibyte, any_content());
  std::vector<PlacedNode> nodes;
  collect_nodes(tree, {tree.id(), NodePlace()}, nodes);
  const PlacedNode node = nodes[*rc::gen::inRange<size_t>(0, nodes.size())];
  Bytes piece = zero_filled(kKibibyte, tree.pieces.at(node.digest));
  const auto before = std::get<Node>(read_node(piece, kKibibyte, node.place));
  const size_t used =
      64 + static_cast<size_t>(before.is_inline() ? before.length : 32 * before.children.size());
  const auto offset =
      *rc::gen::oneOf(rc::gen::inRange<size_t>(0, 64), rc::gen::inRange<size_t>(0, piece.size()));
  piece[offset] ^= static_cast<std::byte>(*rc::gen::inRange(1, 256));

  RC_ASSERT(sha256(piece) != node.digest);
  const auto fault = checked_fault(piece, node.place);
  // What one byte of a root's header may still say: the other kind, or another length that has the
  // same number of children, or the same zeros behind an inline content.
  const bool root_says_otherwise = node.place.root && offset >= 7 && offset < 16;
  const bool in_use = offset >= 64 && offset < used;
  RC_ASSERT((fault == std::nullopt) == in_use || (root_says_otherwise && !in_use));
}

RC_GTEST_PROP(TreeProperty, a_root_of_any_shape_is_refused_or_encodes_back, ()) {
  const auto log2 = *rc::gen::inRange(0, 64);
  const uint64_t length =
      (uint64_t{1} << log2) + *rc::gen::inRange<uint64_t>(0, uint64_t{1} << log2) - 1;
  Node shape;
  shape.level = *rc::gen::inRange<uint8_t>(0, 12);
  shape.length = length;
  shape.children.resize(*rc::gen::inRange<size_t>(0, 31));
  checked_fault(encode_node(kKibibyte, shape), NodePlace());
}

RC_GTEST_PROP(TreeProperty, of_all_levels_and_counts_one_fits_a_length, ()) {
  const auto log2 = *rc::gen::inRange(0, 60);
  const uint64_t length =
      (uint64_t{1} << log2) + *rc::gen::inRange<uint64_t>(0, uint64_t{1} << log2);
  int accepted = 0;
  Node shape;
  shape.length = length;
  for (uint8_t level = 0; level < 16; ++level) {
    for (size_t count = 0; count <= 30; ++count) {
      shape.level = level;
      shape.children.assign(count, ChildPlace());
      if (checked_fault(encode_node(kKibibyte, shape), NodePlace()) == std::nullopt) ++accepted;
    }
  }
  RC_ASSERT(accepted == 1);
}

}  // namespace
}  // namespace p2p::tree_property_test
