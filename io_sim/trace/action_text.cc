// What an engine asks of its world, in words.
#include <variant>

#include "engine/base/hex.h"
#include "io_sim/trace/line_text.h"

namespace p2p::sim {

namespace {

std::string extents_field(const std::vector<Extent>& extents) {
  std::string text;
  for (const Extent& extent : extents) {
    text += " at" + fetch_field(extent.fetch) + "+" + std::to_string(extent.offset) + ".." +
            std::to_string(extent.offset + extent.length);
  }
  return text;
}

struct NoticeText {
  std::string operator()(const PeerIdentified& n) const {
    return "peer_identified" + conn_field(n.conn) + " remote=" + n.remote.text() +
           (n.accepted ? " accepted" : " dialled") + (n.legacy ? " legacy" : "");
  }
  std::string operator()(const PeerGone& n) const {
    return "peer_gone" + conn_field(n.conn) + " remote=" + n.remote.text();
  }
  std::string operator()(const PeerClosed& n) const {
    return "peer_closed remote=" + n.remote.text() + " suppressed=" + std::to_string(n.suppressed) +
           ": " + std::string(close_reason_text(n.reason)) +
           (n.detail.empty() ? "" : " (" + n.detail + ")");
  }
  std::string operator()(const BootstrapUnreachable& n) const {
    return "bootstrap_unreachable host=" + n.host.text() +
           " retry_in_ns=" + std::to_string(n.retry_in.count_ns()) + ": " + n.why;
  }
  std::string operator()(const BootstrapReached& n) const {
    return "bootstrap_reached host=" + n.host.text() + " endpoint=" + n.endpoint.text();
  }
  std::string operator()(const OwnEndpoint& n) const { return "own_endpoint " + n.endpoint.text(); }
  std::string operator()(const PieceObtained& n) const {
    return "piece_obtained" + fetch_field(n.fetch) + " digest=" + short_digest(n.digest);
  }
  std::string operator()(const FetchProgress& n) const {
    return "fetch_progress" + fetch_field(n.fetch) + " done=" + std::to_string(n.bytes_done) +
           " of=" + std::to_string(n.bytes_total) + (n.total_known ? "" : " or more");
  }
  std::string operator()(const ContentShape& n) const {
    return "content_shape" + fetch_field(n.fetch) + " length=" + std::to_string(n.length) +
           (n.directory ? " directory" : "");
  }
  std::string operator()(const ContentComplete& n) const {
    const auto bytes = std::as_bytes(std::span(n.inline_bytes));
    return "content_complete" + fetch_field(n.fetch) + " length=" + std::to_string(n.length) +
           (bytes.empty() ? "" : " inline=" + short_digest(sha256(bytes)));
  }
  std::string operator()(const ContentInvalid& n) const {
    return "content_invalid" + fetch_field(n.fetch) + ": " + n.why;
  }
  std::string operator()(const StoreFailed& n) const {
    return "store_failed " + store_status_name(n.status);
  }
  std::string operator()(const BookNotSaved& n) const {
    return "book_not_saved " + store_status_name(n.status);
  }
  std::string operator()(const HoldersSought& n) const {
    return "holders_sought root=" + short_digest(n.root) + " asked=" + std::to_string(n.asked) +
           " answered=" + std::to_string(n.answered) + " holders=" + std::to_string(n.holders);
  }
  std::string operator()(const Stopped&) const { return "stopped"; }
};

struct ActionText {
  std::string operator()(const Connect& a) const {
    return "connect" + conn_field(a.conn) + " to=" + a.to.text();
  }
  std::string operator()(const Close& a) const { return "close" + conn_field(a.conn); }
  std::string operator()(const ShutdownWrite& a) const {
    return "shutdown_write" + conn_field(a.conn);
  }
  std::string operator()(const SetInterest& a) const {
    return "set_interest" + conn_field(a.conn) + (a.read ? " read" : "") +
           (a.write ? " write" : "") + (a.read || a.write ? "" : " none");
  }
  std::string operator()(const Resolve& a) const {
    return "resolve" + op_field(a.op) + " name=" + a.name.text();
  }
  std::string operator()(const HashPiece& a) const {
    return "hash_piece" + op_field(a.op) + " bytes=" + std::to_string(a.bytes.size()) +
           " zeros=" + std::to_string(a.zeros);
  }
  std::string operator()(const StorePiece& a) const {
    return "store_piece" + op_field(a.op) + " digest=" + short_digest(a.digest) +
           " bytes=" + std::to_string(a.bytes.size()) + extents_field(a.extents);
  }
  std::string operator()(const PlacePiece& a) const {
    return "place_piece" + op_field(a.op) + " digest=" + short_digest(a.digest) +
           extents_field(a.extents);
  }
  std::string operator()(const LoadPiece& a) const {
    return "load_piece" + op_field(a.op) + " digest=" + short_digest(a.digest) +
           (a.in_memory ? " in_memory" : "");
  }
  std::string operator()(const SyncStore& a) const { return "sync_store" + op_field(a.op); }
  std::string operator()(const SaveBook& a) const {
    return "save_book" + op_field(a.op) + " bytes=" + std::to_string(a.bytes.size()) +
           " book=" + short_digest(sha256(a.bytes.bytes()));
  }
  std::string operator()(const Notify& a) const { return "notice " + notice_text(a.notice); }
};

}  // namespace

std::string notice_text(const p2p::Notice& notice) { return std::visit(NoticeText{}, notice); }

std::string action_text(const p2p::Action& action) { return std::visit(ActionText{}, action); }

}  // namespace p2p::sim
