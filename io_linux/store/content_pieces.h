// Which pieces a content is made of, as far as the nodes of its tree are held.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/piece_size.h"
#include "io_linux/store/store.h"

namespace p2p::io_linux {

struct ContentPieces {
  struct Data {
    Digest digest;
    uint64_t offset = 0;  // in the content
    uint32_t length = 0;  // of it that is content
  };
  std::vector<Digest> nodes;    // that are held, the root first
  std::vector<Digest> missing;  // nodes that are not held, or were bad
  std::vector<Data> data;       // below the nodes that are held, in the order of the content
  std::string invalid;          // why it is no content; empty: it is one, as far as can be seen
};
// Needs memory for 48 bytes of each data piece. A node that is bad on disk is dropped by the load.
ContentPieces content_pieces(Store& nodes, const Digest& root, PieceSize piece_size);

}  // namespace p2p::io_linux
