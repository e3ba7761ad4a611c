// The tree reader against any bytes: a root, then nodes below it.
//
// Input: u8 that chooses the piece size, u8 that chooses a child; the rest is cut at the separator
// into pieces. The first is read as a root, each that follows at the place of the chosen child of
// the node before.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <variant>

#include "engine/content/tree.h"
#include "tests/support/content_tree.h"

namespace p2p {
namespace {

constexpr uint8_t kSeparator = 0xfd;

void require(bool condition) {
  if (!condition) std::abort();
}

std::span<const std::byte> cut_piece(std::span<const std::byte>& rest, PieceSize piece_size) {
  size_t length = 0;
  while (length < rest.size() && rest[length] != std::byte{kSeparator}) ++length;
  const auto piece = rest.first(std::min<size_t>(length, piece_size.bytes()));
  rest = rest.subspan(std::min(rest.size(), length + 1));
  return piece;
}

void check_children(const Node& node, const NodePlace& place) {
  uint64_t at = place.root ? 0 : place.offset;
  for (const ChildPlace& child : node.children) {
    require(child.offset == at && child.length >= 1);
    require(child.is_node == (node.level > 0));
    at += child.length;
  }
  require(node.is_inline() || at == (place.root ? 0 : place.offset) + node.length);
}

// Where the chosen child of an accepted node is; nullopt if there is nothing below to read.
std::optional<NodePlace> read_one(std::span<const std::byte> piece, PieceSize piece_size,
                                  const NodePlace& place, uint8_t choice) {
  const auto result = read_node(piece, piece_size, place);
  const auto whole = test::zero_filled(piece_size, piece);
  const auto again = read_node(whole, piece_size, place);
  require(result.index() == again.index());
  if (const auto* error = std::get_if<TreeError>(&result)) {
    require(!error->text().empty() && error->fault == std::get<TreeError>(again).fault);
    return std::nullopt;
  }
  const Node& node = std::get<Node>(result);
  require(test::encode_node(piece_size, node) == whole);
  check_children(node, place);
  if (node.level == 0) return std::nullopt;
  return node.children[choice % node.children.size()].node_place();
}

void read_tree(std::span<const std::byte> input) {
  if (input.size() < 2) return;
  // Up to 16 KiB: larger nodes have nothing new, only more children.
  const auto log2 = PieceSize::kMinLog2 + std::to_integer<unsigned>(input[0]) % 5;
  const PieceSize piece_size = *PieceSize::from_log2(log2);
  const auto choice = std::to_integer<uint8_t>(input[1]);
  auto rest = input.subspan(2);
  std::optional<NodePlace> place = NodePlace();
  while (place && !rest.empty()) {
    place = read_one(cut_piece(rest, piece_size), piece_size, *place, choice);
  }
}

}  // namespace
}  // namespace p2p

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  p2p::read_tree(std::as_bytes(std::span(bytes, size)));
  return 0;
}
