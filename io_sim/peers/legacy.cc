// The original program's ways (docs/protocol.md, What the original does, as measured).
//
// It is one thread that stands still while it dials. Meanwhile the kernel keeps what comes, up to
// the size of the socket buffers that it asks for; here too. In the simulation [::1] is the
// address of the host that a record is written or read on.
#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "engine/wire/decoder.h"
#include "engine/wire/encoder.h"
#include "io_sim/peers/behaviours.h"
#include "io_sim/peers/timer_tag.h"

namespace p2p::sim {

namespace {

constexpr Duration kFirstBurstMin = Duration::seconds(8);
constexpr Duration kBurstMin = Duration::seconds(1);
constexpr Duration kBurstMax = Duration::seconds(11);
constexpr Duration kDialLimit = Duration::seconds(127);   // Linux: a SYN and six more
constexpr size_t kSocketBufferBytes = size_t{100} << 20;  // each way

struct LegacyConnection {
  explicit LegacyConnection(PieceSize piece_size) : decoder(piece_size) {
    decoder.set_peer_kind(PeerKind::legacy);
  }

  FrameDecoder decoder;
  bool gone = false;               // closed by the other side; only a dialled one stays then
  std::vector<std::byte> unread;   // in the kernel
  std::shared_ptr<Block> landing;  // of a give in progress that is wanted
};

class Legacy final : public RawPeer {
 public:
  void started(RawNet& net) override;
  void accepted(RawNet& net, ConnId conn, const Endpoint& remote) override;
  void connected(RawNet& net, ConnId conn) override;
  void connect_failed(RawNet& net, ConnId conn, NetError why) override;
  void received(RawNet& net, ConnId conn, std::span<const std::byte> bytes) override;
  void drained(RawNet&, ConnId) override {}
  void closed(RawNet& net, ConnId conn, NetError why) override;
  void timer(RawNet& net, uint64_t tag) override;
  void told(RawNet& net) override;

 private:
  struct Dial {
    Endpoint to;
    bool bootstrap = false;
  };

  // All that it would do now if it is not standing still in a dial.
  void go_on(RawNet& net);
  void dial_next(RawNet& net);
  void dial_failed(RawNet& net);
  // Handles frames from the front of `bytes` until there are none or it stands still.
  void take(RawNet& net, ConnId conn, std::span<const std::byte>& bytes);
  void take_unread(RawNet& net, ConnId conn);
  void keep_unread(RawNet& net, ConnId conn, std::span<const std::byte> bytes);

  void on_item(RawNet& net, ConnId conn, const DecodedItem& item);
  void on_ask(RawNet& net, ConnId conn, const Digest& digest);
  void on_list(RawNet& net, const PeerMessage& list);
  void on_give(RawNet& net, LegacyConnection& connection, const Digest& digest);

  void burst(RawNet& net, ConnId conn);
  // Whether a write of so many bytes is survived.
  bool may_write(RawNet& net, ConnId conn, size_t size);
  void write(RawNet& net, ConnId conn, const Message& message);
  void die(RawNet& net, const std::string& why);
  const Slice& zeros(size_t size);

  bool stands_still() const { return dead_ || dialling_; }

  std::map<ConnId, LegacyConnection> connections_;
  std::set<ConnId> unread_;  // connections with bytes that came while it stood still
  std::set<ConnId> due_;     // connections whose burst came due while it stood still
  std::deque<Dial> to_dial_;
  std::optional<ConnId> dialling_;  // to_dial_.front()
  std::set<Endpoint> known_;        // its own, and those that it dialled with success
  std::set<Digest> missing_;
  Slice zeros_;
  bool dead_ = false;
};

void Legacy::started(RawNet& net) {
  known_.insert(net.facts().endpoint);
  told(net);
  for (const Endpoint& endpoint : net.facts().bootstrap) to_dial_.push_back({endpoint, true});
  go_on(net);
}

void Legacy::told(RawNet& net) {
  for (const Digest& digest : net.facts().wanted) {
    if (!net.load(digest)) missing_.insert(digest);
  }
}

void Legacy::accepted(RawNet& net, ConnId conn, const Endpoint&) {
  connections_.try_emplace(conn, net.facts().piece_size);
}

void Legacy::connected(RawNet& net, ConnId conn) {
  if (dialling_ != conn) return;
  dialling_.reset();
  known_.insert(to_dial_.front().to);
  to_dial_.pop_front();
  connections_.try_emplace(conn, net.facts().piece_size);
  net.set_timer(net.random().between(kFirstBurstMin, kBurstMax),
                TimerTag{TimerKind::burst, conn.value()}.packed());
  go_on(net);
}

void Legacy::connect_failed(RawNet& net, ConnId conn, NetError) {
  if (dialling_ == conn) dial_failed(net);
}

void Legacy::dial_failed(RawNet& net) {
  const Dial failed = to_dial_.front();
  dialling_.reset();
  to_dial_.pop_front();
  if (failed.bootstrap) return die(net, "no bootstrap node at " + failed.to.text());
  go_on(net);
}

void Legacy::closed(RawNet& net, ConnId conn, NetError) {
  if (!conn.is_accepted()) {
    connections_.at(conn).gone = true;
    return;
  }
  net.close(conn);
  connections_.erase(conn);
  unread_.erase(conn);
}

void Legacy::timer(RawNet& net, uint64_t tag) {
  const TimerTag what = TimerTag::unpacked(tag);
  const ConnId conn = ConnId::dialled(what.of >> 1);
  if (what.kind == TimerKind::burst) {
    due_.insert(conn);
    return go_on(net);
  }
  if (dialling_ != conn) return;
  net.close(conn);
  dial_failed(net);
}

void Legacy::received(RawNet& net, ConnId conn, std::span<const std::byte> bytes) {
  if (!stands_still()) take(net, conn, bytes);
  if (!bytes.empty()) keep_unread(net, conn, bytes);
}

void Legacy::go_on(RawNet& net) {
  while (!stands_still()) {
    if (!to_dial_.empty()) {
      dial_next(net);
    } else if (!unread_.empty()) {
      take_unread(net, *unread_.begin());
    } else if (!due_.empty()) {
      burst(net, *due_.begin());
    } else {
      return;
    }
  }
}

void Legacy::dial_next(RawNet& net) {
  const Dial& next = to_dial_.front();
  if (known_.contains(next.to)) {
    to_dial_.pop_front();
    return;
  }
  dialling_ = net.dial(next.to);
  net.set_timer(kDialLimit, TimerTag{TimerKind::dial_limit, dialling_->value()}.packed());
}

void Legacy::take(RawNet& net, ConnId conn, std::span<const std::byte>& bytes) {
  LegacyConnection& connection = connections_.at(conn);
  while (!stands_still()) {
    const auto item = connection.decoder.next(bytes);
    if (!item) return;
    on_item(net, conn, *item);
    while (!stands_still() && !to_dial_.empty()) dial_next(net);
  }
}

void Legacy::take_unread(RawNet& net, ConnId conn) {
  unread_.erase(conn);
  const std::vector<std::byte> held = std::exchange(connections_.at(conn).unread, {});
  std::span<const std::byte> bytes = held;
  take(net, conn, bytes);
  if (dead_) return;
  if (!bytes.empty()) keep_unread(net, conn, bytes);
  if (held.size() >= kSocketBufferBytes && bytes.size() < kSocketBufferBytes) {
    net.set_reading(conn, true);
  }
}

void Legacy::keep_unread(RawNet& net, ConnId conn, std::span<const std::byte> bytes) {
  if (dead_) return;
  std::vector<std::byte>& unread = connections_.at(conn).unread;
  unread.insert(unread.end(), bytes.begin(), bytes.end());
  unread_.insert(conn);
  if (unread.size() >= kSocketBufferBytes) net.set_reading(conn, false);
}

void Legacy::on_item(RawNet& net, ConnId conn, const DecodedItem& item) {
  LegacyConnection& connection = connections_.at(conn);
  if (const auto* fault = std::get_if<FrameFault>(&item)) {
    const std::string what = "a frame of type " + std::to_string(fault->type) + " and length " +
                             std::to_string(fault->length);
    if (fault->kind == FrameFaultKind::unknown_type) {
      return die(net, what + ", which the original takes for a peer list");
    }
    return die(net, what + ", at which the original aborts");
  }
  if (const auto* begin = std::get_if<PayloadBegin>(&item)) {
    if (!missing_.contains(begin->digest)) return connection.decoder.discard_payload();
    connection.landing = std::make_shared<Block>(begin->length);
    return connection.decoder.take_payload(connection.landing->writable());
  }
  if (const auto* end = std::get_if<PayloadEnd>(&item)) {
    return on_give(net, connection, end->digest);
  }
  const auto* const message = std::get_if<Message>(&item);
  if (message == nullptr) return;
  if (const auto* ask = std::get_if<AskMessage>(message)) on_ask(net, conn, ask->digest);
  if (const auto* list = std::get_if<PeerMessage>(message)) on_list(net, *list);
}

// On whatever connection it comes; what it doesn't have it passes over.
void Legacy::on_ask(RawNet& net, ConnId conn, const Digest& digest) {
  const std::optional<Slice> piece = net.load(digest);
  if (!piece) return;
  const PieceSize piece_size = net.facts().piece_size;
  if (!may_write(net, conn, kGiveHeaderSize + piece_size.bytes())) return;
  net.send(conn, encode_give_header(digest, piece_size));
  net.send(conn, *piece);
  const size_t missing = piece_size.bytes() - piece->size();
  if (missing > 0) net.send(conn, zeros(piece_size.bytes()).sub(0, missing));
}

void Legacy::on_give(RawNet& net, LegacyConnection& connection, const Digest& digest) {
  const std::shared_ptr<Block> piece = std::exchange(connection.landing, nullptr);
  if (!piece || !missing_.contains(digest)) return;
  if (sha256(piece->bytes()) != digest) return;
  missing_.erase(digest);
  net.store(digest, Slice(piece, 0, length_without_trailing_zeros(piece->bytes())));
}

void Legacy::on_list(RawNet& net, const PeerMessage& list) {
  const Address& here = net.facts().endpoint.address;
  for (Endpoint record : list.records) {
    if (record.address.is_loopback()) record.address = here;
    if (!known_.contains(record)) to_dial_.push_back({record, false});
  }
}

void Legacy::burst(RawNet& net, ConnId conn) {
  due_.erase(conn);
  for (const Digest& digest : missing_) write(net, conn, AskMessage{digest});
  PeerMessage list;
  for (const Endpoint& endpoint : known_) {
    if (endpoint.address != net.facts().endpoint.address) continue;
    if (list.records.size() < kPeerRecordsMax) {
      list.records.push_back({Address::loopback(), endpoint.port});
    }
  }
  write(net, conn, list);
  if (dead_) return;
  net.set_timer(net.random().between(kBurstMin, kBurstMax),
                TimerTag{TimerKind::burst, conn.value()}.packed());
}

bool Legacy::may_write(RawNet& net, ConnId conn, size_t size) {
  if (dead_) return false;
  if (connections_.at(conn).gone) {
    die(net, "a write to a connection that it dialled and the other side closed: SIGPIPE");
  } else if (net.unsent(conn) + size > kSocketBufferBytes) {
    die(net, "a write that the kernel takes only in part, at which the original aborts");
  }
  return !dead_;
}

void Legacy::write(RawNet& net, ConnId conn, const Message& message) {
  std::vector<std::byte> bytes;
  append_frame(bytes, message);
  if (may_write(net, conn, bytes.size())) net.send(conn, bytes);
}

void Legacy::die(RawNet& net, const std::string& why) {
  dead_ = true;
  net.die(why);
}

const Slice& Legacy::zeros(size_t size) {
  if (zeros_.size() < size) {
    auto block = std::make_shared<Block>(size);
    const auto bytes = block->writable();
    std::fill(bytes.begin(), bytes.end(), std::byte{0});
    zeros_ = Slice(std::move(block));
  }
  return zeros_;
}

}  // namespace

std::unique_ptr<RawPeer> make_legacy() { return std::make_unique<Legacy>(); }

}  // namespace p2p::sim
