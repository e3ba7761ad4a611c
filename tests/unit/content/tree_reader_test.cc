// What read_node makes of right nodes, and every way in which a node can be wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "engine/content/tree.h"
#include "tests/support/content_tree.h"

namespace p2p::tree_reader_test {
namespace {

using test::counting_bytes;
using test::make_content_tree;
using test::zero_filled;

constexpr PieceSize kKibibyte = *PieceSize::from_bytes(1024);
constexpr NodePlace kRoot{};
using Bytes = std::vector<std::byte>;

Bytes node_piece(const test::ContentTree& tree, size_t index) {
  return zero_filled(tree.piece_size, tree.nodes.at(index).bytes.bytes());
}
Bytes root_of(size_t content_length) {
  const auto tree = make_content_tree(kKibibyte, counting_bytes(content_length));
  return node_piece(tree, tree.nodes.size() - 1);
}
// A root of the given shape whose children have digests of zeros.
Bytes root_with(uint64_t length, uint8_t level, uint32_t count) {
  Bytes piece = root_of(961);
  piece[5] = std::byte{level};
  store_u64le(std::span(piece).subspan(8), length);
  store_u32le(std::span(piece).subspan(16), count);
  std::fill(piece.begin() + 64, piece.end(), std::byte{0});
  return piece;
}
Bytes changed(Bytes piece, size_t offset, uint8_t value) {
  piece.at(offset) = std::byte{value};
  return piece;
}
Node accepted(const Bytes& piece, const NodePlace& place = kRoot) {
  const auto result = read_node(piece, kKibibyte, place);
  if (const auto* error = std::get_if<TreeError>(&result)) {
    ADD_FAILURE() << error->text();
    return {};
  }
  return std::get<Node>(result);
}
std::optional<TreeFault> fault_of(const Bytes& piece, const NodePlace& place = kRoot) {
  const auto result = read_node(piece, kKibibyte, place);
  if (const auto* error = std::get_if<TreeError>(&result)) return error->fault;
  return std::nullopt;
}

TEST(ReadNode, an_empty_content_has_an_inline_root) {
  const Node root = accepted(root_of(0));
  EXPECT_TRUE(root.is_inline());
  EXPECT_EQ(root.length, 0u);
  EXPECT_TRUE(root.inline_bytes.empty());
}

TEST(ReadNode, an_inline_root_gives_its_bytes) {
  const Bytes piece = root_of(960);
  const Node root = accepted(piece);
  EXPECT_EQ(root.length, 960u);
  EXPECT_EQ(Bytes(root.inline_bytes.begin(), root.inline_bytes.end()), counting_bytes(960));
}

TEST(ReadNode, zeros_that_were_trimmed_are_as_good_as_zeros) {
  const Bytes content{std::byte{7}, std::byte{0}, std::byte{0}};
  const NodePiece piece = inline_root(kKibibyte, content);
  EXPECT_EQ(piece.bytes.size(), 65u);
  const Bytes trimmed(piece.bytes.bytes().begin(), piece.bytes.bytes().end());
  EXPECT_EQ(accepted(trimmed).length, 3u);
  EXPECT_EQ(accepted(trimmed).inline_bytes.size(), 1u);
  EXPECT_EQ(accepted(zero_filled(kKibibyte, trimmed)).inline_bytes.size(), 3u);
}

TEST(ReadNode, a_digest_that_ends_in_zeros_may_be_trimmed) {
  Bytes piece = root_of(2048);
  piece[64 + 63] = piece[64 + 62] = std::byte{0};
  const Node whole = accepted(piece);
  piece.resize(64 + 62);
  const Node trimmed = accepted(piece);
  ASSERT_EQ(trimmed.children.size(), 2u);
  EXPECT_EQ(trimmed.children[1].digest, whole.children[1].digest);
}

TEST(ReadNode, a_header_that_ends_in_zeros_may_be_trimmed) {
  Bytes piece = root_of(0);
  piece.resize(7);
  EXPECT_EQ(accepted(piece).length, 0u);
}

TEST(ReadNode, children_of_level_0_are_data_pieces_with_their_places) {
  const auto content = counting_bytes(2500);
  const Node root = accepted(root_of(2500));
  ASSERT_EQ(root.children.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(root.children[i].is_node);
    EXPECT_EQ(root.children[i].offset, i * 1024);
    EXPECT_EQ(root.children[i].length, i < 2 ? 1024u : 452u);
  }
  EXPECT_EQ(root.children[0].digest, sha256(std::span(content).first(1024)));
  EXPECT_EQ(root.children[2].digest, sha256_zero_filled(std::span(content).subspan(2048), 572));
}

TEST(ReadNode, children_of_a_higher_level_are_nodes_with_their_places) {
  const auto tree = make_content_tree(kKibibyte, counting_bytes(30'721));
  const Node root = accepted(node_piece(tree, 2));
  EXPECT_EQ(root.level, 1);
  ASSERT_EQ(root.children.size(), 2u);
  const NodePlace last = root.children[1].node_place();
  EXPECT_FALSE(last.root);
  EXPECT_EQ(last.level, 0);
  EXPECT_EQ(last.offset, 30'720u);
  EXPECT_EQ(last.length, 1u);
  const Node node = accepted(node_piece(tree, 1), last);
  ASSERT_EQ(node.children.size(), 1u);
  EXPECT_EQ(node.children[0].offset, 30'720u);
  EXPECT_EQ(node.children[0].length, 1u);
}

TEST(ReadNode, the_largest_content_has_a_root_of_level_10) {
  const Node root = accepted(root_with(kContentMax, 10, 2));
  ASSERT_EQ(root.children.size(), 2u);
  uint64_t span = 1024;  // of a full child: 30^10 KiB
  for (int i = 0; i < 10; ++i) span *= 30;
  EXPECT_EQ(root.children[0].length, span);
  EXPECT_EQ(root.children[1].offset, span);
  EXPECT_EQ(root.children[1].length, kContentMax - span);
  EXPECT_EQ(root.children[1].level, 9);
}

TEST(ReadNode, a_directory_is_told_by_its_root) {
  EXPECT_EQ(accepted(root_of(5)).kind, ContentKind::file);
  EXPECT_EQ(accepted(changed(root_of(5), 7, 1)).kind, ContentKind::directory);
}

TEST(ReadNode, refuses_another_magic) {
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(fault_of(changed(root_of(5), i, 'x')), TreeFault::bad_magic);
  }
  EXPECT_EQ(fault_of({}), TreeFault::bad_magic);
  EXPECT_EQ(fault_of(Bytes(1024)), TreeFault::bad_magic);
}

TEST(ReadNode, refuses_another_format) {
  EXPECT_EQ(fault_of(changed(root_of(5), 4, 0)), TreeFault::unknown_format);
  EXPECT_EQ(fault_of(changed(root_of(5), 4, 2)), TreeFault::unknown_format);
}

TEST(ReadNode, refuses_another_piece_size) {
  EXPECT_EQ(fault_of(changed(root_of(5), 6, 20)), TreeFault::other_piece_size);
  EXPECT_EQ(fault_of(changed(root_of(5), 6, 0)), TreeFault::other_piece_size);
}

TEST(ReadNode, refuses_an_unknown_kind) {
  EXPECT_EQ(fault_of(changed(root_of(5), 7, 2)), TreeFault::unknown_kind);
}

TEST(ReadNode, refuses_a_kind_in_a_node_that_is_no_root) {
  const auto tree = make_content_tree(kKibibyte, counting_bytes(30'721));
  EXPECT_EQ(fault_of(changed(node_piece(tree, 1), 7, 1), {false, 0, 30'720, 1}),
            TreeFault::unknown_kind);
}

TEST(ReadNode, refuses_any_use_of_the_reserved_bytes) {
  for (size_t i = 20; i < 64; ++i) {
    EXPECT_EQ(fault_of(changed(root_of(5), i, 1)), TreeFault::reserved_bytes_used) << i;
  }
}

TEST(ReadNode, refuses_more_content_than_2_to_the_60_before_any_arithmetic) {
  EXPECT_EQ(fault_of(root_with(kContentMax + 1, 10, 2)), TreeFault::too_long);
  EXPECT_EQ(fault_of(root_with(~uint64_t{0}, 10, 30)), TreeFault::too_long);
}

TEST(ReadNode, refuses_a_length_that_is_not_the_parents) {
  const auto tree = make_content_tree(kKibibyte, counting_bytes(30'721));
  EXPECT_EQ(fault_of(node_piece(tree, 1), {false, 0, 30'720, 2}), TreeFault::wrong_length);
  EXPECT_EQ(fault_of(node_piece(tree, 0), {false, 0, 0, 30'719}), TreeFault::wrong_length);
}

TEST(ReadNode, refuses_a_level_above_the_least) {
  EXPECT_EQ(fault_of(root_with(961, 1, 1)), TreeFault::wrong_level);
  EXPECT_EQ(fault_of(root_with(30'720, 1, 1)), TreeFault::wrong_level);
  EXPECT_EQ(fault_of(root_with(30'721, 2, 1)), TreeFault::wrong_level);
  EXPECT_EQ(fault_of(root_with(961, 255, 1)), TreeFault::wrong_level);
}

TEST(ReadNode, refuses_a_level_that_does_not_fit_the_length) {
  EXPECT_EQ(fault_of(root_with(30'721, 0, 30)), TreeFault::wrong_level);
  EXPECT_EQ(fault_of(root_with(kContentMax, 9, 30)), TreeFault::wrong_level);
}

TEST(ReadNode, refuses_an_inline_root_with_a_level) {
  EXPECT_EQ(fault_of(changed(root_of(5), 5, 1)), TreeFault::wrong_level);
}

TEST(ReadNode, refuses_a_level_that_is_not_the_parents) {
  const auto tree = make_content_tree(kKibibyte, counting_bytes(30'721));
  EXPECT_EQ(fault_of(changed(node_piece(tree, 1), 5, 1), {false, 0, 30'720, 1}),
            TreeFault::wrong_level);
  EXPECT_EQ(fault_of(node_piece(tree, 1), {false, 1, 30'720, 1}), TreeFault::wrong_level);
}

TEST(ReadNode, refuses_children_where_the_content_fits_inline) {
  EXPECT_EQ(fault_of(root_with(960, 0, 1)), TreeFault::wrong_child_count);
}

TEST(ReadNode, refuses_inline_bytes_where_the_content_does_not_fit) {
  EXPECT_EQ(fault_of(root_with(961, 0, 0)), TreeFault::wrong_child_count);
}

TEST(ReadNode, refuses_a_short_content_inline_in_a_node_that_is_no_root) {
  const Bytes inline_node = root_of(1);
  EXPECT_EQ(fault_of(inline_node, {false, 0, 30'720, 1}), TreeFault::wrong_child_count);
}

TEST(ReadNode, refuses_a_child_too_many_or_too_few) {
  EXPECT_EQ(fault_of(root_with(2048, 0, 1)), TreeFault::wrong_child_count);
  EXPECT_EQ(fault_of(root_with(2048, 0, 3)), TreeFault::wrong_child_count);
  EXPECT_EQ(fault_of(root_with(2049, 0, 2)), TreeFault::wrong_child_count);
  EXPECT_EQ(fault_of(root_with(30'720, 0, 31)), TreeFault::wrong_child_count);
  EXPECT_EQ(fault_of(root_with(2048, 0, 0xffffffff)), TreeFault::wrong_child_count);
}

TEST(ReadNode, refuses_a_byte_behind_the_inline_content) {
  EXPECT_EQ(fault_of(changed(root_of(5), 64 + 5, 1)), TreeFault::fill_not_zero);
  EXPECT_EQ(fault_of(changed(root_of(5), 1023, 1)), TreeFault::fill_not_zero);
}

TEST(ReadNode, refuses_a_byte_behind_the_children) {
  EXPECT_EQ(fault_of(changed(root_of(961), 64 + 32, 1)), TreeFault::fill_not_zero);
  EXPECT_EQ(fault_of(changed(root_of(961), 1023, 1)), TreeFault::fill_not_zero);
}

TEST(TreeError, is_said_in_a_sentence) {
  const auto root = read_node(changed(root_of(5), 1023, 1), kKibibyte, kRoot);
  EXPECT_EQ(std::get<TreeError>(root).text(),
            "the root of the tree has bytes other than zero after its end");
  const auto node = read_node(Bytes(), kKibibyte, {false, 3, 4096, 5});
  EXPECT_EQ(std::get<TreeError>(node).text(),
            "the tree's node of level 3 at byte 4096 does not begin with P2PF");
}

TEST(ReadNodeDeathTest, takes_no_more_than_a_piece) {
  EXPECT_DEATH(read_node(Bytes(1025), kKibibyte, kRoot), "");
}

TEST(ReadNodeDeathTest, takes_no_place_that_no_parent_can_give) {
  EXPECT_DEATH(read_node(root_of(5), kKibibyte, {false, 0, 0, 0}), "");
  EXPECT_DEATH(read_node(root_of(5), kKibibyte, {false, 0, 0, 30'721}), "");
  EXPECT_DEATH(read_node(root_of(5), kKibibyte, {false, 10, 0, 1}), "");
}

TEST(DataPadding, is_zero_behind_the_content) {
  Bytes piece = counting_bytes(1024);
  std::fill(piece.begin() + 5, piece.end(), std::byte{0});
  EXPECT_TRUE(data_padding_is_zero(piece, 5));
  EXPECT_FALSE(data_padding_is_zero(piece, 4));
  EXPECT_TRUE(data_padding_is_zero(piece, 1024));
  EXPECT_FALSE(data_padding_is_zero(changed(piece, 1023, 1), 5));
}

TEST(DataPadding, may_have_been_trimmed) {
  EXPECT_TRUE(data_padding_is_zero(Bytes(), 5));
  EXPECT_TRUE(data_padding_is_zero(counting_bytes(3), 5));
}

}  // namespace
}  // namespace p2p::tree_reader_test
