// What must hold for any bytes that a peer may send, however they are cut.
#pragma once

#include <cstddef>
#include <span>

namespace p2p {

// `input` is one byte of options (who the peer is, what becomes of payloads), one that seeds the
// cuts, and then the stream, for pieces of 1 KiB. Ends the program when something doesn't hold:
//   - the frames are the same however the stream is cut, through next() or the payload's window;
//   - a message, and a payload that was kept, encode to exactly the bytes that they came from;
//   - nothing follows a fault, and memory is held only for bytes that came.
void check_frame_decoder(std::span<const std::byte> input);

}  // namespace p2p
