#include "apps/p2pnode/notice_text.h"

#include <variant>

#include "apps/common/counts.h"
#include "apps/p2pnode/progress.h"
#include "engine/base/quantity.h"

namespace p2p::app {
namespace {

// What happens in any healthy network is for those who want to know everything.
Importance importance_of(CloseReason reason) {
  switch (reason) {
    case CloseReason::piece_size_differs:
      return Importance::warning;
    case CloseReason::duplicate_connection:
    case CloseReason::no_longer_needed:
    case CloseReason::shutting_down:
      return Importance::trace;
    case CloseReason::own_connection:
    case CloseReason::slots_full:
      return Importance::detail;
    case CloseReason::bad_frame_length:
    case CloseReason::unknown_frame_type:
    case CloseReason::bad_frame_body:
    case CloseReason::bad_piece:
    case CloseReason::too_many_wants:
    case CloseReason::too_many_asks:
    case CloseReason::too_many_seeks:
    case CloseReason::frame_too_slow:
    case CloseReason::silent:
    case CloseReason::not_identified:
    case CloseReason::not_reading:
    case CloseReason::asks_unanswered:
    case CloseReason::misbehaved:
    case CloseReason::refused:
      return Importance::info;
  }
  return Importance::info;
}

// Both sizes, and what a person can do.
std::string why(const PeerClosed& closed) {
  const std::string detail = closed.detail.empty() ? "" : " (" + closed.detail + ")";
  if (closed.reason == CloseReason::piece_size_differs) {
    return "its piece size differs" + detail + "; a whole network needs one --piece-size";
  }
  return std::string(close_reason_text(closed.reason)) + detail;
}

struct Text {
  NoticeText operator()(const PeerIdentified& peer) const {
    const std::string kind = peer.legacy ? ", which runs the original program" : "";
    return {Importance::detail, (peer.accepted ? "accepted the peer " : "connected to the peer ") +
                                    peer.remote.text() + kind};
  }
  NoticeText operator()(const PeerGone& peer) const {
    return {Importance::detail, "the peer " + peer.remote.text() + " has gone"};
  }
  NoticeText operator()(const PeerClosed& closed) const {
    std::string sentence =
        "closed the connection with " + closed.remote.text() + ": " + why(closed);
    if (closed.suppressed > 0) {
      sentence += "; before it, " + grouped(closed.suppressed) + " more were closed unsaid";
    }
    return {importance_of(closed.reason), sentence};
  }
  NoticeText operator()(const BootstrapUnreachable& bootstrap) const {
    return {Importance::warning, "the bootstrap node " + bootstrap.host.text() +
                                     " can't be reached: " + bootstrap.why + "; tried again in " +
                                     duration_text(bootstrap.retry_in) + ", and for ever"};
  }
  NoticeText operator()(const BootstrapReached& bootstrap) const {
    const std::string name = bootstrap.host.text();
    const std::string endpoint = bootstrap.endpoint.text();
    return {Importance::info,
            "reached the bootstrap node " + name + (name == endpoint ? "" : " (" + endpoint + ")")};
  }
  NoticeText operator()(const OwnEndpoint& own) const {
    return {Importance::detail, own.endpoint.text() + " is this node itself"};
  }
  NoticeText operator()(const PieceObtained& piece) const {
    return {Importance::trace, "got the piece " + piece.digest.hex()};
  }
  NoticeText operator()(const FetchProgress& progress) const {
    const std::string done = progress.total_known
                                 ? part_of(progress.bytes_done, progress.bytes_total)
                                 : grouped(progress.bytes_done) + " bytes";
    return {Importance::trace, "got " + done};
  }
  NoticeText operator()(const ContentShape& shape) const {
    return {Importance::detail, "the content has " + grouped(shape.length) + " bytes"};
  }
  NoticeText operator()(const ContentComplete&) const {
    return {Importance::detail, "the content is complete"};
  }
  NoticeText operator()(const ContentInvalid& invalid) const {
    return {Importance::error, "the id names no content: " + invalid.why};
  }
  NoticeText operator()(const StoreFailed& failed) const {
    return {Importance::warning, "could not keep a piece: " + store_status_text(failed.status)};
  }
  NoticeText operator()(const BookNotSaved& failed) const {
    return {Importance::warning, "could not save the address book: " +
                                     store_status_text(failed.status) + "; tried again later"};
  }
  NoticeText operator()(const HoldersSought& sought) const {
    return {Importance::detail, "asked " + counted(sought.asked, "node", "nodes") + " who holds " +
                                    sought.root.hex().substr(0, 16) + ": " +
                                    counted(sought.holders, "endpoint", "endpoints") + " named, " +
                                    grouped(sought.answered) + " answered"};
  }
  NoticeText operator()(const Stopped&) const {
    return {Importance::trace, "all connections are closed and the store is in order"};
  }
};

}  // namespace

NoticeText notice_text(const Notice& notice) { return std::visit(Text{}, notice); }

std::string store_status_text(StoreStatus status) {
  switch (status) {
    case StoreStatus::ok:
      return "all is well";
    case StoreStatus::not_held:
      return "it is not there any more";
    case StoreStatus::no_space:
      return "the disk is full";
    case StoreStatus::io_error:
      return "the disk failed";
  }
  return {};
}

}  // namespace p2p::app
