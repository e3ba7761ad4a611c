// What a node remembers of its address book while it does not run, and the file that it is kept in.
//
// The file has no time of day in it, as the engine has no clock for it: it says how long ago each
// peer was last known alive when the book was saved, and the world says how long ago that was.
//
//   bytes            | what
//   4                | "P2PB"
//   4                | version, 1
//   4                | how many peers, at most SavedBook::kMax
//   22 for each peer | address as in an IPv6 header, port (2), whole seconds since alive (4)
//   32               | SHA-256 of all before
//
// Integers are little-endian. Whatever does not end exactly there, or has another sum, is no book.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/endpoint.h"
#include "engine/base/time.h"

namespace p2p {

struct SavedPeer {
  Endpoint endpoint;
  // Until the book was saved; zero of a neighbour. In the file from 0 to 2^32 - 1 whole seconds.
  Duration since_alive;

  friend bool operator==(const SavedPeer&, const SavedPeer&) = default;
};

struct SavedBook {
  // As many as an address book has entries (Limits::book_max).
  static constexpr size_t kMax = 1024;
  static constexpr size_t kEmptyBytes = 4 + 4 + 4 + 32;
  static constexpr size_t kPeerBytes = 16 + 2 + 4;
  static constexpr size_t kMaxBytes = kEmptyBytes + kMax * kPeerBytes;

  // In the order in which they are to be dialled.
  std::vector<SavedPeer> peers;

  friend bool operator==(const SavedBook&, const SavedBook&) = default;
};

// Requires at most SavedBook::kMax peers. What is less than zero or beyond the range is brought
// into it, parts of seconds are dropped.
Slice encode_book(const SavedBook& book);
// Of any bytes whatever: the book, or why they are none ("it is cut off"), a clause about them.
// Takes memory for at most SavedBook::kMax peers.
std::variant<SavedBook, std::string> decode_book(std::span<const std::byte> bytes);

}  // namespace p2p
