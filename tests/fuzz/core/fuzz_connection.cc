// A whole engine under a peer made of the fuzzer's bytes: several connections, accepted and
// dialled, hellos or none, any frames in any pieces, completions in any order, time that jumps.
//
// The input is a script: an operation byte, then its arguments. What must hold whatever comes: the
// engine's own checks, windows that agree with interests, memory within its budget, and frames on
// the way out that a peer of that kind can read.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/check.h"
#include "engine/core/drive.h"
#include "engine/core/engine.h"
#include "engine/wire/decoder.h"
#include "engine/wire/encoder.h"

namespace {

using namespace p2p;

const PieceSize kPieceSize = *PieceSize::from_log2(10);
constexpr uint64_t kNonce = 42;

class Script {
 public:
  explicit Script(std::span<const std::byte> bytes) : bytes_(bytes) {}
  bool ended() const { return bytes_.empty(); }
  uint8_t byte() {
    if (bytes_.empty()) return 0;
    const auto value = std::to_integer<uint8_t>(bytes_.front());
    bytes_ = bytes_.subspan(1);
    return value;
  }
  std::span<const std::byte> take(size_t count) {
    const auto part = bytes_.first(std::min(count, bytes_.size()));
    bytes_ = bytes_.subspan(part.size());
    return part;
  }

 private:
  std::span<const std::byte> bytes_;
};

// Pieces that the scripted peers may name by a byte: some are held here, some are wanted.
std::vector<std::byte> piece_bytes(uint8_t number) { return {std::byte{1}, std::byte{number}}; }
Digest piece_digest(uint8_t number) { return sha256_zero_filled(piece_bytes(number), 1022); }

struct Conn {
  bool open = false;
  bool read = false;
  bool write = false;
  bool said_hello = false;  // a hello went in as the first frame
  bool spoke = false;
  FrameDecoder outgoing{kPieceSize};
};

class World {
 public:
  World() : engine_(config(), Seed{7}, now_) {
    Started started;
    for (uint8_t i = 0; i < 8; ++i) started.held.push_back(piece_digest(i));
    tell(std::move(started));
    FetchPieces fetch{FetchId{1}, {}};
    for (uint8_t i = 8; i < 24; ++i) fetch.digests.push_back(piece_digest(i));
    tell(std::move(fetch));
  }

  Time now() const { return now_; }
  void perform(Engine&, Action&& action) {
    std::visit([this](auto& a) { on(a); }, action);
  }

  void run(Script& script) {
    while (!script.ended()) {
      step(script);
      P2P_CHECK(engine_.status().receive_budget_used <= config().limits.receive_budget_bytes);
    }
  }

 private:
  static Config config() {
    Config config;
    config.piece_size = kPieceSize;
    config.listen_port = 8100;
    config.nonce = kNonce;
    config.bootstrap = {{"::1", 8101}};
    config.limits.receive_budget_bytes = 8 << 10;
    config.limits.unidentified_max = 4;
    config.limits.accepted_neighbours_max = 2;
    config.limits.exchange_max = 2;
    return config;
  }

  void tell(Event event) { deliver(engine_, *this, std::move(event)); }

  void step(Script& script) {
    switch (script.byte() % 10) {
      case 0:
        return accept();
      case 1:
        return answer_dial(script.byte());
      case 2:
      case 3:
        return feed(pick(script.byte()), script.take(script.byte()));
      case 4:
        return feed_frame(pick(script.byte()), script);
      case 5:
        return drain(pick(script.byte()), script.byte());
      case 6:
        return pass_time(Duration::milliseconds(int64_t{script.byte()} * 250));
      case 7:
        return complete(script.byte());
      case 8:
        return hello(pick(script.byte()), script.byte());
      case 9:
        return drop(pick(script.byte()), script.byte());
    }
  }

  void accept() {
    const ConnId id = ConnId::accepted(++accepted_);
    conns_[id].open = true;
    tell(Accepted{id, {Address::loopback(), 8100}, {Address::loopback(), 50'000}});
  }

  void answer_dial(uint8_t how) {
    if (dials_.empty()) return;
    const ConnId id = dials_.front();
    dials_.pop_front();
    if (how % 2 == 0) {
      conns_.erase(id);
      tell(ConnectFailed{id, NetError::refused});
      return;
    }
    conns_[id].open = true;
    tell(Connected{id, {Address::loopback(), 40'000}});
  }

  std::optional<ConnId> pick(uint8_t which) const {
    std::vector<ConnId> open;
    for (const auto& [id, conn] : conns_) {
      if (conn.open) open.push_back(id);
    }
    if (open.empty()) return std::nullopt;
    return open[which % open.size()];
  }

  void feed(std::optional<ConnId> id, std::span<const std::byte> bytes) {
    while (id && !bytes.empty()) {
      const auto found = conns_.find(*id);
      if (found == conns_.end() || !found->second.read) return;
      found->second.spoke = true;
      const ReceiveWindow window = engine_.receive_window(*id);
      P2P_CHECK(window.size() > 0);
      const size_t count = std::min(bytes.size(), window.size());
      const size_t first = std::min(count, window.spans[0].size());
      std::memcpy(window.spans[0].data(), bytes.data(), first);
      if (count > first) {
        std::memcpy(window.spans[1].data(), bytes.data() + first, count - first);
      }
      bytes = bytes.subspan(count);
      tell(Received{*id, count});
    }
  }

  void hello(std::optional<ConnId> id, uint8_t nonce) {
    if (!id) return;
    HelloTrailer trailer;
    trailer.piece_size_log2 = nonce % 16 == 15 ? 11 : kPieceSize.log2();
    trailer.nonce = nonce;
    PeerMessage message;
    const auto bytes = trailer.encode();
    message.trailing.assign(bytes.begin(), bytes.end());
    std::vector<std::byte> out;
    append_frame(out, message);
    Conn& conn = conns_.at(*id);
    if (!conn.spoke) conn.said_hello = true;
    feed(id, out);
  }

  // A well-formed frame about a few pieces, which random bytes would seldom be.
  void feed_frame(std::optional<ConnId> id, Script& script) {
    static constexpr FrameType kTypes[] = {FrameType::ask,  FrameType::give, FrameType::want,
                                           FrameType::have, FrameType::lack, FrameType::cancel,
                                           FrameType::seek, FrameType::trim};
    const FrameType type = kTypes[script.byte() % std::size(kTypes)];
    const uint8_t number = script.byte() % 32;
    std::vector<std::byte> out;
    if (type == FrameType::ask) {
      append_frame(out, AskMessage{piece_digest(number)});
    } else if (type == FrameType::seek) {
      append_frame(out, SeekMessage{piece_digest(number), 0});
    } else if (type == FrameType::give || type == FrameType::trim) {
      auto bytes = piece_bytes(number);
      if (script.byte() % 8 == 0) bytes[0] = std::byte{9};  // a lie
      const auto header = type == FrameType::give
                              ? encode_give_header(piece_digest(number), kPieceSize)
                              : encode_trim_header(piece_digest(number), 2, kPieceSize);
      if (type == FrameType::give) bytes.resize(kPieceSize.bytes());
      out.assign(header.begin(), header.end());
      out.insert(out.end(), bytes.begin(), bytes.end());
    } else {
      DigestListMessage list{type, {}};
      for (uint8_t i = 0; i <= script.byte() % 16; ++i) {
        list.digests.push_back(piece_digest(static_cast<uint8_t>((number + i) % 32)));
      }
      append_frame(out, list);
    }
    feed(id, out);
  }

  void drain(std::optional<ConnId> id, uint8_t most) {
    if (!id || !conns_.at(*id).write) return;
    const GatherList list = engine_.send_window(*id);
    P2P_CHECK(!list.empty());
    std::vector<std::byte> bytes;
    for (const Segment& segment : list.view()) {
      const auto& part = std::get<std::span<const std::byte>>(segment);
      bytes.insert(bytes.end(), part.begin(), part.end());
    }
    P2P_CHECK(!bytes.empty());
    bytes.resize(std::min<size_t>(bytes.size(), size_t{most} * 16 + 1));
    check_outgoing(conns_.at(*id), bytes);
    tell(Sent{*id, bytes.size()});
  }

  // Whoever has not said hello can read types up to 2 only; everybody can read what it gets.
  static void check_outgoing(Conn& conn, std::span<const std::byte> bytes) {
    conn.outgoing.set_peer_kind(conn.said_hello ? PeerKind::extended : PeerKind::legacy);
    while (const auto item = conn.outgoing.next(bytes)) {
      P2P_CHECK(!std::holds_alternative<FrameFault>(*item));
      if (std::holds_alternative<PayloadBegin>(*item)) conn.outgoing.discard_payload();
    }
  }

  void pass_time(Duration duration) {
    const Time end = now_ + duration;
    int turns = 0;
    while (engine_.next_deadline() <= end) {
      P2P_CHECK(++turns < 10'000);  // an engine that spins
      now_ = std::max(now_, engine_.next_deadline());
      tell(DeadlineReached{});
    }
    now_ = end;
  }

  void complete(uint8_t which) {
    if (completions_.empty()) return;
    const auto at = completions_.begin() + which % static_cast<int>(completions_.size());
    const Event event = *at;
    completions_.erase(at);
    tell(event);
  }

  void drop(std::optional<ConnId> id, uint8_t how) {
    if (id) tell(Closed{*id, how % 2 == 0 ? NetError::end_of_stream : NetError::reset});
  }

  void on(const Connect& action) {
    conns_[action.conn];
    dials_.push_back(action.conn);
  }
  void on(const Close& action) {
    conns_.erase(action.conn);
    std::erase(dials_, action.conn);
  }
  void on(const ShutdownWrite& action) { P2P_CHECK(conns_.at(action.conn).open); }
  void on(const SetInterest& action) {
    Conn& conn = conns_.at(action.conn);
    conn.read = action.read;
    conn.write = action.write;
    P2P_CHECK(engine_.send_window(action.conn).empty() == !action.write);
  }
  void on(const Resolve& action) {
    completions_.push_back(Resolved{action.op, {{Address::loopback(), action.name.port}}, ""});
  }
  void on(const HashPiece& action) {
    completions_.push_back(
        PieceHashed{action.op, sha256_zero_filled(action.bytes.bytes(), action.zeros)});
  }
  void on(const StorePiece& action) {
    completions_.push_back(
        PieceStored{action.op, action.op.value % 8 == 0 ? StoreStatus::no_space : StoreStatus::ok});
  }
  void on(const PlacePiece& action) {
    completions_.push_back(PieceStored{action.op, StoreStatus::ok});
  }
  void on(const LoadPiece& action) {
    for (uint8_t i = 0; i < 32; ++i) {
      if (piece_digest(i) != action.digest) continue;
      completions_.push_back(
          PieceLoaded{action.op, StoreStatus::ok, Slice::copy_of(piece_bytes(i))});
    }
  }
  void on(const SyncStore& action) {
    completions_.push_back(StoreSynced{action.op, StoreStatus::ok});
  }
  void on(const SaveBook& action) {
    completions_.push_back(
        BookSaved{action.op, action.op.value % 4 == 0 ? StoreStatus::no_space : StoreStatus::ok});
  }
  void on(const Notify&) {}

  Time now_ = Time::from_ns(1'000'000'000);
  Engine engine_;
  std::map<ConnId, Conn> conns_;
  std::deque<ConnId> dials_;
  std::vector<Event> completions_;
  uint64_t accepted_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Script script(std::as_bytes(std::span(data, size)));
  World world;
  world.run(script);
  return 0;
}
