// The ids of docs/protocol.md, Vectors, and what building a tree makes.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "engine/base/hex.h"
#include "engine/content/tree.h"
#include "tests/support/content_tree.h"

namespace p2p::tree_builder_test {
namespace {

using test::counting_bytes;
using test::make_content_tree;

constexpr PieceSize kMebibyte = *PieceSize::from_bytes(1048576);
constexpr PieceSize kKibibyte = *PieceSize::from_bytes(1024);

std::string id_of(PieceSize piece_size, std::span<const std::byte> content) {
  return make_content_tree(piece_size, content).id().hex();
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

TEST(TreeVectors, empty_file) {
  EXPECT_EQ(id_of(kMebibyte, {}),
            "dea0c6daf055a1eb04a59b6ec8522d1245dfc87264614f9a27a7aa418020df7a");
}

TEST(TreeVectors, hello_and_its_piece_without_trailing_zeros) {
  const NodePiece root = inline_root(kMebibyte, bytes_of("hello\n"));
  EXPECT_EQ(root.digest.hex(), "0c99d7d221cc705c40342092f932ad10e9360c2eab0f8663f0f3cfe7325879b3");
  EXPECT_EQ(to_hex(root.bytes.bytes()),
            "50325046010014000600000000000000000000000000000000000000000000000000000000000000"
            "00000000000000000000000000000000000000000000000068656c6c6f0a");
  EXPECT_EQ(root.level, 0);
}

TEST(TreeVectors, three_mebibytes_and_five_bytes) {
  EXPECT_EQ(id_of(kMebibyte, counting_bytes(3 * 1048576 + 5)),
            "624df1ba987d1c1a0354bef6572d3da88a829783f57027ea100e4ec2618b7ada");
}

TEST(TreeVectors, the_longest_inline_content_with_pieces_of_1_kib) {
  EXPECT_EQ(inline_max(kKibibyte), 960u);
  EXPECT_EQ(id_of(kKibibyte, counting_bytes(960)),
            "d1df4b97751ff1ca7dcde812fcc969c5c6aaa60370ef03a04901859ddcc74eab");
}

TEST(TreeVectors, the_shortest_content_with_a_data_piece) {
  EXPECT_EQ(id_of(kKibibyte, counting_bytes(961)),
            "77dda77002d2bd9eb08c32e3e3a4a77e6a397101d2daa0963b3b232b9ad8efdd");
}

TEST(TreeVectors, the_longest_content_of_one_level) {
  EXPECT_EQ(children_max(kKibibyte), 30u);
  const auto tree = make_content_tree(kKibibyte, counting_bytes(30'720));
  EXPECT_EQ(tree.id().hex(), "5f6f2e7930cb450b11394319ccf528ab993ff48c47f7ed22b60336f40502a93e");
  EXPECT_EQ(tree.nodes.size(), 1u);
}

TEST(TreeVectors, the_shortest_content_of_two_levels) {
  const auto tree = make_content_tree(kKibibyte, counting_bytes(30'721));
  EXPECT_EQ(tree.id().hex(), "a28c83008e837c2a427a01a6d013eba4065f670db6cb2709d106525315d466f9");
  EXPECT_EQ(tree.nodes.size(), 3u);
}

TEST(TreeVectors, a_directory_of_four_entries) {
  const auto content = from_hex(
      "503250440100000004000000000000005100000000000000000500000000000000010061010300000000000000"
      "070062696e2f72756e03010000000000000001006c0200000000000000000400766f6964616c70686172756e61");
  ASSERT_EQ(content->size(), 90u);
  EXPECT_EQ(inline_root(kMebibyte, *content, ContentKind::directory).digest.hex(),
            "a6c0bcce3fdcf50298301118ca078849dbb4aa099eba338a7729feaea2e6577a");
}

TEST(TreeBuilder, gives_nodes_bottom_level_first_and_the_root_last) {
  const auto tree = make_content_tree(kKibibyte, counting_bytes(30 * 30'720 + 1));
  ASSERT_EQ(tree.nodes.size(), 31u + 2u + 1u);
  for (size_t i = 0; i < 31; ++i) EXPECT_EQ(tree.nodes[i].level, 0) << i;
  EXPECT_EQ(tree.nodes[31].level, 1);
  EXPECT_EQ(tree.nodes[32].level, 1);
  EXPECT_EQ(tree.nodes[33].level, 2);
}

TEST(TreeBuilder, has_the_kind_in_the_root_alone) {
  const auto tree = make_content_tree(kKibibyte, counting_bytes(30'721), ContentKind::directory);
  ASSERT_EQ(tree.nodes.size(), 3u);
  EXPECT_EQ(tree.nodes[0].bytes.bytes()[7], std::byte{0});
  EXPECT_EQ(tree.nodes[1].bytes.bytes()[7], std::byte{0});
  EXPECT_EQ(tree.nodes[2].bytes.bytes()[7], std::byte{1});
}

TEST(TreeBuilder, makes_the_second_tree_as_if_it_were_the_first) {
  TreeBuilder builder(kKibibyte);
  const Digest digest = sha256(counting_bytes(1024));
  builder.add_data_piece(digest, 1024);
  const Digest first = builder.finish().back().digest;
  EXPECT_EQ(builder.length(), 0u);
  builder.add_data_piece(digest, 1024);
  EXPECT_EQ(builder.finish().back().digest, first);
}

TEST(TreeBuilderDeathTest, takes_nothing_after_a_short_piece) {
  TreeBuilder builder(kKibibyte);
  builder.add_data_piece(Digest(), 1023);
  EXPECT_DEATH(builder.add_data_piece(Digest(), 1024), "");
}

TEST(TreeBuilderDeathTest, makes_no_tree_for_what_belongs_inline) {
  TreeBuilder builder(kKibibyte);
  builder.add_data_piece(Digest(), 960);
  EXPECT_DEATH(builder.finish(), "");
}

TEST(TreeBuilderDeathTest, puts_no_more_inline_than_fits) {
  EXPECT_DEATH(inline_root(kKibibyte, counting_bytes(961)), "");
}

}  // namespace
}  // namespace p2p::tree_builder_test
