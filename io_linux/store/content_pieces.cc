#include "io_linux/store/content_pieces.h"

#include <variant>

#include "engine/content/tree.h"

namespace p2p::io_linux {

ContentPieces content_pieces(Store& nodes, const Digest& root, PieceSize piece_size) {
  ContentPieces pieces;
  struct Way {
    Digest digest;
    NodePlace place;
  };
  std::vector<Way> ways = {{root, NodePlace{}}};  // the next one last
  while (!ways.empty()) {
    const Way way = ways.back();
    ways.pop_back();
    const auto loaded = nodes.load(way.digest, true);
    if (loaded.status != StoreStatus::ok) {
      pieces.missing.push_back(way.digest);
      continue;
    }
    const auto read = read_node(std::get<Slice>(loaded.bytes).bytes(), piece_size, way.place);
    if (const auto* error = std::get_if<TreeError>(&read)) {
      if (pieces.invalid.empty()) pieces.invalid = error->text();
      continue;
    }
    pieces.nodes.push_back(way.digest);
    const auto& children = std::get<Node>(read).children;
    for (const ChildPlace& child : children) {
      if (child.is_node) continue;
      pieces.data.push_back({child.digest, child.offset, static_cast<uint32_t>(child.length)});
    }
    for (auto child = children.rbegin(); child != children.rend(); ++child) {
      if (child->is_node) ways.push_back({child->digest, child->node_place()});
    }
  }
  return pieces;
}

}  // namespace p2p::io_linux
