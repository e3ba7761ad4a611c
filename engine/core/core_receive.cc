// What peers send: from bytes to the parts of the engine, and how a peer is recognised.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/quantity.h"
#include "engine/core/core.h"

namespace p2p {

namespace {

std::string fault_detail(const FrameFault& fault) {
  const std::string type = std::to_string(fault.type);
  if (fault.kind == FrameFaultKind::unknown_type) return "type " + type;
  return "type " + type + ", length " + std::to_string(fault.length);
}

CloseReason close_reason(FrameFaultKind kind) {
  switch (kind) {
    case FrameFaultKind::unknown_type:
      return CloseReason::unknown_frame_type;
    case FrameFaultKind::bad_length:
      return CloseReason::bad_frame_length;
    case FrameFaultKind::bad_body:
      return CloseReason::bad_frame_body;
  }
  check_failed("a frame fault without a reason");
}

}  // namespace

void Engine::Core::on(const Received& event) {
  Connection* const found = context_.connections.find(event.conn);
  if (found == nullptr) return;
  Connection& connection = *found;
  P2P_CHECK(event.bytes > 0);
  connection.bytes_in += event.bytes;
  connection.last_received = context_.now;
  neighbours_.note_quiet(connection, false);
  context_.connections.touch(event.conn);
  if (!connection.open()) return;  // read and dropped

  const bool was_mid_frame = connection.decoder.mid_frame();
  bool of_pieces = connection.decoder.in_payload();
  const size_t landed = std::min(event.bytes, connection.decoder.payload_window().size());
  bool frames_ended = false;
  if (landed > 0) {
    take_payload_bytes(connection, landed);
    frames_ended = !connection.decoder.mid_frame();
  }
  P2P_CHECK(event.bytes - landed <= scratch_.size());
  std::span<const std::byte> in = scratch_.bytes().first(event.bytes - landed);
  while (connection.open()) {
    const auto item = connection.decoder.next(in);
    if (!item) break;
    frames_ended = true;
    of_pieces = of_pieces || std::holds_alternative<PayloadBegin>(*item);
    on_item(connection, *item);
  }
  if (of_pieces && receiving_.is_set()) receiving_.moved(connection.to_receive, event.bytes);
  if (of_pieces) downloads_.on_received(event.bytes);
  if (connection.landing != nullptr) downloads_.on_bytes_landed(connection, event.bytes);
  if (connection.decoder.mid_frame() && (frames_ended || !was_mid_frame)) {
    connection.frame_began = context_.now;
  }
}

void Engine::Core::take_payload_bytes(Connection& connection, size_t bytes) {
  const auto ended = connection.decoder.payload_landed(bytes);
  if (ended) downloads_.on_payload_end(connection, *ended);
}

void Engine::Core::on_item(Connection& connection, const DecodedItem& item) {
  if (const auto* message = std::get_if<Message>(&item)) {
    if (connection.kind == PeerKind::unidentified) {
      const auto* const list = std::get_if<PeerMessage>(message);
      on_first_frame(connection, list);
      if (list != nullptr || !connection.open()) return;
    }
    std::visit([&](const auto& m) { on_message(connection, m); }, *message);
  } else if (const auto* begin = std::get_if<PayloadBegin>(&item)) {
    if (connection.kind == PeerKind::unidentified) on_first_frame(connection, nullptr);
    if (connection.open() && downloads_.on_payload_begin(connection, *begin)) {
      connection.decoder.take_payload(connection.landing->writable().first(begin->length));
    } else {
      connection.decoder.discard_payload();
    }
  } else if (const auto* end = std::get_if<PayloadEnd>(&item)) {
    downloads_.on_payload_end(connection, *end);
  } else if (const auto* fault = std::get_if<FrameFault>(&item)) {
    context_.connections.doom(connection, close_reason(fault->kind), fault_detail(*fault));
  }
}

// The first frame tells for the whole life of the connection what the peer is.
void Engine::Core::on_first_frame(Connection& connection, const PeerMessage* list) {
  const auto hello = list == nullptr ? std::nullopt : list->hello();
  if (hello) {
    greet(connection, *hello);
  } else {
    settle_kind(connection, PeerKind::legacy);
  }
  if (list != nullptr && connection.open()) {
    const bool listens = hello && (hello->capabilities & HelloTrailer::kListening) != 0;
    if (listens && !list->records.empty()) connection.claimed_port = list->records.front().port;
    neighbours_.on_peer_list(connection, *list, listens);
  }
  if (connection.open()) {
    if (connection.accepted()) take_slot(connection);
    neighbours_.on_identified(connection);
    close_duplicate_of(connection);
    if (connection.open()) finder_.on_identified(connection);
  }
}

void Engine::Core::greet(Connection& connection, const HelloTrailer& hello) {
  connection.hello = hello;
  if (hello.nonce == context_.config.nonce) {
    neighbours_.on_own(connection);
    context_.connections.doom(connection, CloseReason::own_connection);
    return;
  }
  const PieceSize own = context_.config.piece_size;
  if (hello.piece_size_log2 != own.log2()) {
    const auto theirs = PieceSize::from_log2(hello.piece_size_log2);
    const std::string there =
        theirs ? compact_size_text(theirs->bytes()) : "2^" + std::to_string(hello.piece_size_log2);
    context_.connections.doom(connection, CloseReason::piece_size_differs,
                              there + " there, " + compact_size_text(own.bytes()) + " here");
    return;
  }
  // A peer that says hello without the extension is to be sent nothing above type 2, as a legacy
  // one.
  const bool extended = (hello.capabilities & HelloTrailer::kExtension) != 0;
  settle_kind(connection, extended ? PeerKind::extended : PeerKind::legacy);
}

void Engine::Core::settle_kind(Connection& connection, PeerKind kind) {
  const bool was_presumed = connection.presumed_legacy;
  connection.kind = kind;
  connection.presumed_legacy = false;
  connection.decoder.set_peer_kind(kind);
  connection.next_pex =
      context_.now + context_.random.jittered(context_.config.limits.pex_interval);
  connection.last_exchange = context_.now;
  if (!was_presumed || kind != PeerKind::legacy) {
    context_.notify(PeerIdentified{connection.id, connection.remote, connection.accepted(),
                                   kind == PeerKind::legacy});
  }
}

// Two connections with one node at one address: the node with the larger nonce closes the newer.
void Engine::Core::close_duplicate_of(Connection& connection) {
  if (!connection.extended() || context_.config.nonce < connection.hello.nonce) return;
  for (const auto& [id, other] : context_.connections) {
    if (id == connection.id || !other->open() || !other->extended()) continue;
    if (other->hello.nonce != connection.hello.nonce) continue;
    if (other->remote.address != connection.remote.address) continue;
    Connection& newer = other->order > connection.order ? *other : connection;
    context_.connections.doom(newer, CloseReason::duplicate_connection);
    return;
  }
}

void Engine::Core::on_message(Connection& connection, const AskMessage& ask) {
  if (connection.legacy()) downloads_.on_asked_by_legacy(connection, ask.digest);
  uploads_.on_ask(connection, ask.digest);
}

void Engine::Core::on_message(Connection& connection, const PeerMessage& list) {
  neighbours_.on_peer_list(connection, list, false);
}

void Engine::Core::on_message(Connection& connection, const DigestListMessage& list) {
  switch (list.type) {
    case FrameType::want:
      return uploads_.on_want(connection, list.digests);
    case FrameType::have:
      return downloads_.on_have(connection, list.digests);
    case FrameType::lack:
      return downloads_.on_lack(connection, list.digests);
    case FrameType::cancel:
      return uploads_.on_cancel(connection, list.digests);
    case FrameType::ask:
    case FrameType::give:
    case FrameType::peer:
    case FrameType::seek:
    case FrameType::found:
    case FrameType::trim:
      break;
  }
  check_failed("a list of digests that is none");
}

void Engine::Core::on_message(Connection& connection, const SeekMessage& seek) {
  finder_.on_seek(connection, seek);
}

void Engine::Core::on_message(Connection& connection, const FoundMessage& found) {
  finder_.on_found(connection, found);
}

}  // namespace p2p
