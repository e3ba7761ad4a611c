// The data plane: windows into the engine's own buffers.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <variant>
#include <vector>

#include "engine/core/store_types.h"

namespace p2p {

// Where the next bytes of a connection go: at most two spans for one readv: what is left of the
// piece in progress, then scratch. Valid until the next handle().
struct ReceiveWindow {
  std::array<std::span<std::byte>, 2> spans;
  size_t size() const { return spans[0].size() + spans[1].size(); }
};

// A part of what is to be sent: memory, or a slice of a stored file.
struct FileSegment {
  const StoredFile* file = nullptr;
  uint64_t offset = 0;
  uint64_t length = 0;
};
using Segment = std::variant<std::span<const std::byte>, FileSegment>;

// What to send next, in order; empty: nothing. Valid until the next handle().
inline constexpr size_t kGatherMax = 16;
struct GatherList {
  std::array<Segment, kGatherMax> segments;
  size_t count = 0;
  bool empty() const { return count == 0; }
  std::span<const Segment> view() const { return std::span(segments).first(count); }
};

}  // namespace p2p
