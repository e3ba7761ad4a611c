// Messages to bytes. Appends to the caller's buffer, so that several frames share one.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "engine/wire/frame.h"

namespace p2p {

// Requires the counts that the message's type allows (frame.h).
void append_frame(std::vector<std::byte>& out, const Message& message);
// Without building a Message. Requires 1 to 1024 digests and want, have, lack or cancel.
void append_digest_list(std::vector<std::byte>& out, FrameType type,
                        std::span<const Digest> digests);

// The 37 bytes before a whole piece, and before a trimmed one of `length` < P bytes.
std::array<std::byte, kGiveHeaderSize> encode_give_header(const Digest& digest,
                                                          PieceSize piece_size);
std::array<std::byte, kGiveHeaderSize> encode_trim_header(const Digest& digest, uint32_t length,
                                                          PieceSize piece_size);

// One record of a peer list: 18 bytes. Also what a place in the overlay is the digest of.
std::array<std::byte, kRecordSize> encode_record(const Endpoint& endpoint);

}  // namespace p2p
