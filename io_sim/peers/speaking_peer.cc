#include "io_sim/peers/speaking_peer.h"

#include <utility>
#include <vector>

#include "engine/wire/encoder.h"

namespace p2p::sim {

namespace {

// Answers are short; what piles up beyond this goes unanswered.
constexpr size_t kSpokenUnsentMax = size_t{256} << 10;

}  // namespace

void SpeakingPeer::started(RawNet& net) {
  nonce_ = net.random().next();
  HostilePeer::started(net);
}

void SpeakingPeer::opened(RawNet& net, ConnId conn) { say(net, conn, hello(net.facts(), nonce_)); }

void SpeakingPeer::ended(ConnId conn) { decoders_.erase(conn); }

void SpeakingPeer::heard(RawNet&, ConnId, const Message&) {}

void SpeakingPeer::received(RawNet& net, ConnId conn, std::span<const std::byte> bytes) {
  FrameDecoder& decoder = decoders_.try_emplace(conn, net.facts().piece_size).first->second;
  while (const auto item = decoder.next(bytes)) {
    if (std::holds_alternative<PayloadBegin>(*item)) decoder.discard_payload();
    const auto* const message = std::get_if<Message>(&*item);
    if (message == nullptr) continue;
    if (const auto* list = std::get_if<PeerMessage>(message)) heard_list(net, decoder, *list);
    heard(net, conn, *message);
  }
}

void SpeakingPeer::heard_list(RawNet& net, FrameDecoder& decoder, const PeerMessage& list) {
  if (list.hello()) decoder.set_peer_kind(PeerKind::extended);
  for (const Endpoint& record : list.records) learn(net, record);
}

PeerMessage SpeakingPeer::hello(const RawFacts& facts, uint64_t nonce) const {
  HelloTrailer trailer;
  trailer.piece_size_log2 = facts.piece_size.log2();
  trailer.nonce = nonce;
  PeerMessage message;
  if (facts.inbound) {
    trailer.capabilities |= HelloTrailer::kListening;
    message.records.push_back(facts.endpoint);
  }
  const auto bytes = trailer.encode();
  message.trailing.assign(bytes.begin(), bytes.end());
  return message;
}

void SpeakingPeer::say(RawNet& net, ConnId conn, const Message& message) {
  std::vector<std::byte> bytes;
  append_frame(bytes, message);
  net.send(conn, bytes);
}

void SpeakingPeer::claim_to_have(RawNet& net, ConnId conn, const Message& message) {
  const auto* const list = std::get_if<DigestListMessage>(&message);
  if (list == nullptr || list->type != FrameType::want) return;
  if (net.unsent(conn) > kSpokenUnsentMax) return;
  say(net, conn, DigestListMessage{FrameType::have, list->digests});
}

void SpeakingPeer::keep_alive(RawNet& net) {
  for (const auto& [conn, remote] : open()) {
    if (net.unsent(conn) == 0) say(net, conn, PeerMessage{});
  }
}

}  // namespace p2p::sim
