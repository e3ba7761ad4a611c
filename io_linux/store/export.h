// Reading a content that a store holds, in order: for a target that is no file, such as a pipe.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "engine/base/digest.h"
#include "engine/base/piece_size.h"
#include "io_linux/store/store.h"

namespace p2p::io_linux {

// Takes the next bytes of the content; false ends the export.
using ExportSink = std::function<bool(std::span<const std::byte> bytes)>;

struct Exported {
  enum class Status {
    ok,
    sink_ended,  // the sink has said false
    not_held,    // a piece is missing
    store_failed,
    invalid,  // the tree breaks a rule of docs/protocol.md, Files
  };
  Status status = Status::ok;
  std::string error;  // a sentence when it is none of the first two
};
// Needs memory for one piece and the nodes above it.
Exported export_content(Store& store, const Digest& root, PieceSize piece_size,
                        const ExportSink& sink);

}  // namespace p2p::io_linux
