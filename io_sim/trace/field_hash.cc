#include "io_sim/trace/field_hash.h"

#include <variant>

namespace p2p::sim {

namespace {

// One function for each type of field; one of a new type does not compile without its own. All that
// is a list comes with its length.
class Fields {
 public:
  explicit Fields(TraceHash& hash) : hash_(hash) {}

  template <class... Field>
  void add(const Field&... fields) {
    (one(fields), ...);
  }

 private:
  void one(uint64_t word) { hash_.add(word); }
  void one(uint32_t word) { hash_.add(word); }
  void one(bool flag) { hash_.add(flag ? 1 : 0); }
  void one(ConnId conn) { hash_.add(conn.value()); }
  void one(OpId op) { hash_.add(op.value); }
  void one(FetchId fetch) { hash_.add(fetch.value); }
  void one(Duration duration) { hash_.add(static_cast<uint64_t>(duration.count_ns())); }
  void one(NetError error) { hash_.add(static_cast<uint64_t>(error)); }
  void one(StoreStatus status) { hash_.add(static_cast<uint64_t>(status)); }
  void one(CloseReason reason) { hash_.add(static_cast<uint64_t>(reason)); }
  void one(const std::string& text) { hash_.add_text(text); }
  void one(const Digest& digest) { hash_.add_bytes(digest.bytes); }
  void one(const Endpoint& endpoint) {
    hash_.add_bytes(endpoint.address.bytes);
    hash_.add(endpoint.port);
  }
  void one(const HostPort& host) {
    hash_.add_text(host.host);
    hash_.add(host.port);
  }
  void one(const SavedPeer& peer) { add(peer.endpoint, peer.since_alive); }
  void one(const SavedBook& book) { one(book.peers); }
  void one(const Extent& extent) { add(extent.fetch, extent.offset, extent.length); }
  template <class Element>
  void one(const std::vector<Element>& list) {
    hash_.add(list.size());
    for (const Element& element : list) one(element);
  }

  TraceHash& hash_;
};

uint64_t length_of(const StoredBytes& bytes) {
  const auto* const slice = std::get_if<Slice>(&bytes);
  return slice != nullptr ? slice->size() : std::get<FileSlice>(bytes).length;
}

struct HashEvent {
  Fields to;

  void operator()(const Started& e) { to.add(e.held, e.book, e.book_age); }
  void operator()(const DeadlineReached&) {}
  void operator()(const Accepted& e) { to.add(e.conn, e.local, e.remote); }
  void operator()(const Connected& e) { to.add(e.conn, e.local); }
  void operator()(const ConnectFailed& e) { to.add(e.conn, e.why); }
  void operator()(const Received& e) { to.add(e.conn, e.bytes); }
  void operator()(const Sent& e) { to.add(e.conn, e.bytes); }
  void operator()(const Closed& e) { to.add(e.conn, e.why); }
  void operator()(const AcceptStarved&) {}
  void operator()(const Resolved& e) { to.add(e.op, e.endpoints, e.error); }
  void operator()(const PieceHashed& e) { to.add(e.op, e.digest); }
  void operator()(const PieceStored& e) { to.add(e.op, e.status); }
  void operator()(const PieceLoaded& e) { to.add(e.op, e.status, length_of(e.bytes)); }
  void operator()(const StoreSynced& e) { to.add(e.op, e.status); }
  void operator()(const BookSaved& e) { to.add(e.op, e.status); }
  void operator()(const FetchPieces& e) { to.add(e.fetch, e.digests); }
  void operator()(const FetchContent& e) { to.add(e.fetch, e.root, e.placed); }
  void operator()(const ServeContent& e) { to.add(e.root); }
  void operator()(const StopServing& e) { to.add(e.root); }
  void operator()(const CancelFetch& e) { to.add(e.fetch); }
  void operator()(const PieceAdded& e) { to.add(e.digest); }
  void operator()(const PieceRemoved& e) { to.add(e.digest); }
  void operator()(const ShutDown&) {}
};

struct HashNotice {
  Fields to;

  void operator()(const PeerIdentified& n) { to.add(n.conn, n.remote, n.accepted, n.legacy); }
  void operator()(const PeerGone& n) { to.add(n.conn, n.remote); }
  void operator()(const PeerClosed& n) { to.add(n.remote, n.reason, n.detail, n.suppressed); }
  void operator()(const BootstrapUnreachable& n) { to.add(n.host, n.why, n.retry_in); }
  void operator()(const BootstrapReached& n) { to.add(n.host, n.endpoint); }
  void operator()(const OwnEndpoint& n) { to.add(n.endpoint); }
  void operator()(const PieceObtained& n) { to.add(n.fetch, n.digest); }
  void operator()(const FetchProgress& n) {
    to.add(n.fetch, n.bytes_total, n.bytes_done, n.total_known);
  }
  void operator()(const ContentShape& n) { to.add(n.fetch, n.length, n.directory); }
  void operator()(const ContentComplete& n) { to.add(n.fetch, n.length, n.inline_bytes); }
  void operator()(const ContentInvalid& n) { to.add(n.fetch, n.why); }
  void operator()(const StoreFailed& n) { to.add(n.status); }
  void operator()(const BookNotSaved& n) { to.add(n.status); }
  void operator()(const HoldersSought& n) { to.add(n.root, n.asked, n.answered, n.holders); }
  void operator()(const Stopped&) {}
};

struct HashAction {
  Fields to;
  TraceHash& hash;

  void operator()(const Connect& a) { to.add(a.conn, a.to); }
  void operator()(const Close& a) { to.add(a.conn); }
  void operator()(const ShutdownWrite& a) { to.add(a.conn); }
  void operator()(const SetInterest& a) { to.add(a.conn, a.read, a.write); }
  void operator()(const Resolve& a) { to.add(a.op, a.name); }
  void operator()(const HashPiece& a) { to.add(a.op, a.bytes.size(), a.zeros); }
  void operator()(const StorePiece& a) { to.add(a.op, a.digest, a.bytes.size(), a.extents); }
  void operator()(const PlacePiece& a) { to.add(a.op, a.digest, a.extents); }
  void operator()(const LoadPiece& a) { to.add(a.op, a.digest, a.in_memory); }
  void operator()(const SyncStore& a) { to.add(a.op); }
  void operator()(const SaveBook& a) {
    to.add(a.op);
    hash.add_bytes(a.bytes.bytes());
  }
  void operator()(const Notify& a) {
    hash.add(a.notice.index());
    std::visit(HashNotice{to}, a.notice);
  }
};

}  // namespace

void hash_event(TraceHash& hash, const p2p::Event& event) {
  hash.add(event.index());
  std::visit(HashEvent{Fields(hash)}, event);
}

void hash_action(TraceHash& hash, const p2p::Action& action) {
  hash.add(action.index());
  std::visit(HashAction{Fields(hash), hash}, action);
}

}  // namespace p2p::sim
