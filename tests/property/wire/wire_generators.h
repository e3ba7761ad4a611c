// Random frames, and random ways to cut a stream of them.
#pragma once

#include <rapidcheck.h>

#include <cstddef>
#include <vector>

#include "engine/wire/frame.h"
#include "tests/unit/wire/frame_stream.h"

namespace p2p::property {

// Every type, from the emptiest to the fullest that it allows.
rc::Gen<Message> any_message();
// A message of a few hundred bytes at most.
rc::Gen<Message> short_message();
// A give, or a trim of any length, as it comes out when its payload is kept.
rc::Gen<ReceivedFrame> any_payload_frame(PieceSize piece_size);

// One step of feeding a stream: up to `length` bytes, through the payload's window or next().
struct Cut {
  size_t length = 1;
  bool through_window = false;
};
rc::Gen<std::vector<Cut>> any_cuts();
// Feeds all of `bytes`, with the cuts over and over.
void feed(FrameStream& stream, std::span<const std::byte> bytes, const std::vector<Cut>& cuts);

}  // namespace p2p::property
