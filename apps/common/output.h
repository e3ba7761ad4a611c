// Standard output: the lines that programs read. Standard error is talk.h's.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace p2p::app {

// The line and a newline, written out before it returns. False when the reader has gone or the disk
// is full; whoever goes on regardless may ignore it. Requires that SIGPIPE is ignored.
bool print_line(std::string_view line);

// Whether at least 4 KiB (or, of a file, anything) can be written without waiting for a reader.
bool output_ready(int fd);

// All of the bytes, in as many writes as it takes. False as above, with the reason in errno.
bool write_all(int fd, std::span<const std::byte> bytes);

}  // namespace p2p::app
