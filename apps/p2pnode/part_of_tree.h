// Which bytes of a directory's content carry what --path has chosen from its listing.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "apps/p2pnode/failure.h"
#include "engine/base/piece_size.h"
#include "engine/core/event.h"

namespace p2p::app {

// What is wanted first: that which says how long the listing is.
std::vector<ByteRange> listing_header_range();

// `content` is open on a file that begins with as much of the content, of that length, as is named
// below. A failure: the content is no directory's, or has nothing at a path.
//
// The listing, whose header is there.
std::variant<std::vector<ByteRange>, Failure> listing_range(int content, uint64_t length);
// The files and links at the chosen paths, and below them; the listing is there. None: they have no
// bytes.
std::variant<std::vector<ByteRange>, Failure> chosen_ranges(int content, uint64_t length,
                                                            PieceSize piece_size,
                                                            std::span<const std::string> chosen);

}  // namespace p2p::app
