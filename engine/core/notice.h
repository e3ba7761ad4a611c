// What the engine tells the application, for people and for programs. Saying it changes nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "engine/base/digest.h"
#include "engine/base/endpoint.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/core/event.h"

namespace p2p {

// Why the engine closed a connection. Each has one sentence (close_reason_text).
enum class CloseReason {
  bad_frame_length,
  unknown_frame_type,
  bad_frame_body,
  bad_piece,  // bytes that don't match their hash
  piece_size_differs,
  own_connection,  // we dialled ourselves
  duplicate_connection,
  too_many_wants,
  too_many_asks,
  too_many_seeks,
  frame_too_slow,
  silent,          // said hello, then nothing for 75 s
  not_identified,  // an accepted connection that never said anything
  slots_full,
  not_reading,  // takes none of what it asked for
  asks_unanswered,
  no_longer_needed,  // it was asked who holds something, and has answered
  misbehaved,        // small misdeeds that add up (misdeeds.h)
  refused,           // its address or network has broken the protocol too often (overlay/scores.h)
  shutting_down,
};
inline constexpr size_t kCloseReasons = static_cast<size_t>(CloseReason::shutting_down) + 1;
// Whether the reason is the peer's fault: it is scored, and its endpoint left alone for a while.
bool is_fault(CloseReason reason);
// What its address is charged with for it (overlay/scores.h); 0 where it is no fault.
uint32_t fault_points(CloseReason reason);
// Whether what is queued for the peer goes out before the connection is closed.
bool closes_in_order(CloseReason reason);
std::string_view close_reason_text(CloseReason reason);
// For programs: the name above, such as "slots_full".
std::string_view close_reason_name(CloseReason reason);

// The peer said hello, or was taken for one of the original program's.
struct PeerIdentified {
  ConnId conn;
  Endpoint remote;
  bool accepted = false;
  bool legacy = false;
};
struct PeerGone {
  ConnId conn;
  Endpoint remote;
};
// At most 10 at once and one a second after that; `suppressed` of them went unsaid before this one.
struct PeerClosed {
  Endpoint remote;
  CloseReason reason = CloseReason::silent;
  std::string detail;  // e.g. "type 3", "128 KiB there, 1 MiB here (--piece-size)"; may be empty
  uint64_t suppressed = 0;
};
// A bootstrap host could not be reached; said once until it is reached or the cause changes.
struct BootstrapUnreachable {
  HostPort host;
  std::string why;
  Duration retry_in;
};
struct BootstrapReached {
  HostPort host;
  Endpoint endpoint;
};
// A dial to an endpoint that turned out to be this node.
struct OwnEndpoint {
  Endpoint endpoint;
};

struct PieceObtained {
  FetchId fetch;
  Digest digest;
};
// The shape of a content is known, or more of it is held. Bytes of the content, not of the wire; of
// a fetch of ranges, those of the pieces that it wants.
struct FetchProgress {
  FetchId fetch;
  uint64_t bytes_total = 0;
  uint64_t bytes_done = 0;
  bool total_known = false;
};
// The root has been read: how long the content is. Comes before any piece of it is stored.
struct ContentShape {
  FetchId fetch;
  uint64_t length = 0;
  bool directory = false;
};
// All that the fetch wants is here. `length`: of the whole content. Inline contents arrive with the
// root: their bytes are in `inline_bytes`.
struct ContentComplete {
  FetchId fetch;
  uint64_t length = 0;
  std::string inline_bytes;
};
// The tree breaks a rule of docs/protocol.md, Files: the id names no content.
struct ContentInvalid {
  FetchId fetch;
  std::string why;
};
struct StoreFailed {
  StoreStatus status = StoreStatus::io_error;
};
// The address book could not be saved; said once until it is. Tried again later.
struct BookNotSaved {
  StoreStatus status = StoreStatus::io_error;
};
// A look-up of a content's id is over. Another follows while pieces are missing and none comes.
struct HoldersSought {
  Digest root;
  size_t asked = 0;     // nodes
  size_t answered = 0;  // of them
  size_t holders = 0;   // endpoints that they named, as far as this node may dial them
};
// Answer to ShutDown: nothing is left to do, the world may end.
struct Stopped {};

using Notice =
    std::variant<PeerIdentified, PeerGone, PeerClosed, BootstrapUnreachable, BootstrapReached,
                 OwnEndpoint, PieceObtained, FetchProgress, ContentShape, ContentComplete,
                 ContentInvalid, StoreFailed, BookNotSaved, HoldersSought, Stopped>;

}  // namespace p2p
