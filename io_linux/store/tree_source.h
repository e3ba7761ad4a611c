// A directory as a content: its listing, and the bytes of its files where they stand
// (docs/protocol.md, Directories).
#pragma once

#include <atomic>
#include <string>

#include "io_linux/fd.h"
#include "io_linux/store/content_source.h"

namespace p2p::io_linux {

// For open_source: `folder` is open, `name` is what sentences call it.
OpenedSource open_tree(const std::string& name, Fd folder, PieceSize piece_size,
                       const std::atomic<bool>* cancel);

}  // namespace p2p::io_linux
