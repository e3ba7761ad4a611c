// What a world, or the application, tells the engine. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/endpoint.h"
#include "engine/base/ids.h"
#include "engine/core/store_types.h"
#include "engine/overlay/saved_book.h"

namespace p2p {

// Why a dial failed or a connection ended, as far as the world knows.
enum class NetError {
  end_of_stream,  // the peer closed its side in order
  reset,
  refused,
  timed_out,
  unreachable,  // no route, host or network unreachable, address not available
  out_of_descriptors,
  other,
};
inline constexpr size_t kNetErrors = static_cast<size_t>(NetError::other) + 1;
// "connection refused" and the like.
std::string_view net_error_text(NetError error);
// For programs: the name above, such as "timed_out".
std::string_view net_error_name(NetError error);

// First event of every run. `held` are the pieces that the store vouches for, `book` what the last
// run left (SaveBook), empty where there is none that can be read.
struct Started {
  std::vector<Digest> held;
  SavedBook book{};
  Duration book_age{};  // how long ago it was saved; >= 0
};
// The time that next_deadline() named has come.
struct DeadlineReached {};

// A peer has connected to us. `conn` is ConnId::accepted(n), chosen by the world.
struct Accepted {
  ConnId conn;
  Endpoint local;
  Endpoint remote;
};
// The dial that a Connect action asked for has succeeded, or not.
struct Connected {
  ConnId conn;
  Endpoint local;
};
struct ConnectFailed {
  ConnId conn;
  NetError why = NetError::other;
};
// `bytes` were read into the front of receive_window(conn), across both spans. More than zero.
struct Received {
  ConnId conn;
  size_t bytes = 0;
};
// `bytes` from the front of send_window(conn) were taken by the world. More than zero.
struct Sent {
  ConnId conn;
  size_t bytes = 0;
};
// The connection is gone, or its peer will send no more. The world keeps its resources until the
// engine answers with Close.
struct Closed {
  ConnId conn;
  NetError why = NetError::end_of_stream;
};
// The listening socket ran out of descriptors; a connection waits to be accepted.
struct AcceptStarved {};

// Completion of Resolve. Empty: the name is not known, or the resolver failed: `error` says how.
struct Resolved {
  OpId op;
  std::vector<Endpoint> endpoints;
  std::string error;
};

struct PieceHashed {
  OpId op;
  Digest digest;
};
struct PieceStored {
  OpId op;
  StoreStatus status = StoreStatus::ok;
};
struct PieceLoaded {
  OpId op;
  StoreStatus status = StoreStatus::ok;
  StoredBytes bytes;  // when ok
};
struct StoreSynced {
  OpId op;
  StoreStatus status = StoreStatus::ok;
};

struct BookSaved {
  OpId op;
  StoreStatus status = StoreStatus::ok;
};

// Commands of the application.

// Have these pieces; say PieceObtained for each as it comes.
struct FetchPieces {
  FetchId fetch;
  std::vector<Digest> digests;
};
// Bytes of a content.
struct ByteRange {
  uint64_t begin = 0;
  uint64_t end = 0;
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};
// Have the whole content of this id. With `placed`, its data pieces are stored at their extents in
// the fetch's target, which the world has opened; without, in the piece store. With ranges: only
// the pieces that have bytes of those, and the nodes above them; ContentComplete says that these
// are here, and nobody is told that this node holds the content. Requires that no range is empty or
// ends beyond 2^60; what lies behind the content's end is not missed.
struct FetchContent {
  FetchId fetch;
  Digest root;
  bool placed = false;
  std::vector<ByteRange> ranges{};  // in any order
};
// The store holds the whole content of this id: whoever looks for it is to find this node. What is
// fetched whole is served without being told.
struct ServeContent {
  Digest root;
};
// The opposite: whoever looks for it need not find this node any more. Pieces of it that are still
// held are given as before.
struct StopServing {
  Digest root;
};
struct CancelFetch {
  FetchId fetch;
};
// The store holds one more piece, which the application put there.
struct PieceAdded {
  Digest digest;
};
// The store has this piece no more: the application has dropped it, or found it spoilt.
struct PieceRemoved {
  Digest digest;
};
// Close all connections in order, save the book, sync the store, then say Notice Stopped.
struct ShutDown {};

using Event =
    std::variant<Started, DeadlineReached, Accepted, Connected, ConnectFailed, Received, Sent,
                 Closed, AcceptStarved, Resolved, PieceHashed, PieceStored, PieceLoaded,
                 StoreSynced, BookSaved, FetchPieces, FetchContent, ServeContent, CancelFetch,
                 PieceAdded, ShutDown, StopServing, PieceRemoved>;

}  // namespace p2p
