// What is delivered to an engine, in words.
#include <variant>

#include "io_sim/trace/line_text.h"

namespace p2p::sim {

namespace {

std::string why_field(NetError why) { return ": " + std::string(net_error_text(why)); }
std::string status_field(StoreStatus status) { return " " + store_status_name(status); }

struct EventText {
  std::string operator()(const Started& e) const {
    const std::string text = "started held=" + list_text(e.held);
    if (e.book.peers.empty()) return text;
    return text + " book=" + short_digest(sha256(encode_book(e.book).bytes())) +
           " peers=" + std::to_string(e.book.peers.size()) +
           " age_ns=" + std::to_string(e.book_age.count_ns());
  }
  std::string operator()(const DeadlineReached&) const { return "deadline"; }
  std::string operator()(const Accepted& e) const {
    return "accepted" + conn_field(e.conn) + " local=" + e.local.text() +
           " remote=" + e.remote.text();
  }
  std::string operator()(const Connected& e) const {
    return "connected" + conn_field(e.conn) + " local=" + e.local.text();
  }
  std::string operator()(const ConnectFailed& e) const {
    return "connect_failed" + conn_field(e.conn) + why_field(e.why);
  }
  std::string operator()(const Received& e) const {
    return "received" + conn_field(e.conn) + " bytes=" + std::to_string(e.bytes);
  }
  std::string operator()(const Sent& e) const {
    return "sent" + conn_field(e.conn) + " bytes=" + std::to_string(e.bytes);
  }
  std::string operator()(const Closed& e) const {
    return "closed" + conn_field(e.conn) + why_field(e.why);
  }
  std::string operator()(const AcceptStarved&) const { return "accept_starved"; }
  std::string operator()(const Resolved& e) const {
    return "resolved" + op_field(e.op) + " endpoints=" + list_text(e.endpoints) +
           (e.error.empty() ? "" : ": " + e.error);
  }
  std::string operator()(const PieceHashed& e) const {
    return "piece_hashed" + op_field(e.op) + " digest=" + short_digest(e.digest);
  }
  std::string operator()(const PieceStored& e) const {
    return "piece_stored" + op_field(e.op) + status_field(e.status);
  }
  std::string operator()(const PieceLoaded& e) const {
    const auto* const slice = std::get_if<Slice>(&e.bytes);
    const uint64_t length = slice != nullptr ? slice->size() : std::get<FileSlice>(e.bytes).length;
    return "piece_loaded" + op_field(e.op) + status_field(e.status) +
           " bytes=" + std::to_string(length);
  }
  std::string operator()(const StoreSynced& e) const {
    return "store_synced" + op_field(e.op) + status_field(e.status);
  }
  std::string operator()(const BookSaved& e) const {
    return "book_saved" + op_field(e.op) + status_field(e.status);
  }
  std::string operator()(const FetchPieces& e) const {
    return "fetch_pieces" + fetch_field(e.fetch) + " digests=" + list_text(e.digests);
  }
  std::string operator()(const FetchContent& e) const {
    return "fetch_content" + fetch_field(e.fetch) + " root=" + short_digest(e.root) +
           (e.placed ? " placed" : "");
  }
  std::string operator()(const ServeContent& e) const {
    return "serve_content root=" + short_digest(e.root);
  }
  std::string operator()(const StopServing& e) const {
    return "stop_serving root=" + short_digest(e.root);
  }
  std::string operator()(const CancelFetch& e) const {
    return "cancel_fetch" + fetch_field(e.fetch);
  }
  std::string operator()(const PieceAdded& e) const {
    return "piece_added digest=" + short_digest(e.digest);
  }
  std::string operator()(const PieceRemoved& e) const {
    return "piece_removed digest=" + short_digest(e.digest);
  }
  std::string operator()(const ShutDown&) const { return "shut_down"; }
};

}  // namespace

std::string event_text(const p2p::Event& event) { return std::visit(EventText{}, event); }

}  // namespace p2p::sim
