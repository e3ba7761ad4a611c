// What happens at the nodes, told to the trace, the invariants and the recording.
#include <algorithm>
#include <string>
#include <variant>

#include "io_sim/run/simulation.h"

namespace p2p::sim {

namespace {

// "ask 30e14955", "peer 3": short, for the report's diagram.
std::string short_text(std::span<const std::byte> frame) {
  const auto type = std::to_integer<uint8_t>(frame[4]);
  std::string text(frame_type_name(type));
  const auto body = frame.subspan(kFrameHeaderSize);
  if (type == static_cast<uint8_t>(FrameType::peer)) {
    return text + " " + std::to_string(body.size() / kRecordSize);
  }
  if (body.size() < Digest::kSize) return text;
  Digest digest;
  std::copy_n(body.begin(), Digest::kSize, digest.bytes.begin());
  text += " " + digest.hex().substr(0, 8);
  const size_t count = body.size() / Digest::kSize;
  const bool list = type >= static_cast<uint8_t>(FrameType::want) &&
                    type <= static_cast<uint8_t>(FrameType::cancel);
  if (list && count > 1) text += " and " + std::to_string(count - 1) + " more";
  return text;
}

}  // namespace

void Simulation::delivering(uint32_t node, const p2p::Event& event) {
  ++events_;
  trace_.event(queue_.now(), node, nodes_[node].facts.name, event);
  invariants_->event(node, event);
}

void Simulation::performing(uint32_t node, const p2p::Action& action) {
  trace_.action(queue_.now(), node, nodes_[node].facts.name, action);
  invariants_->action(node, action);
  if (const auto* notify = std::get_if<Notify>(&action)) noticed(node, notify->notice);
  if (const auto* connect = std::get_if<Connect>(&action)) dialling(node, connect->to);
}

void Simulation::dialling(NodeIndex node, const Endpoint& to) {
  const NodeFacts& facts = nodes_[node].facts;
  const Address& host = as_seen_by(facts, to).address;
  if (host != facts.endpoint.address) dials_.dialled(host, queue_.now());
}

void Simulation::noticed(NodeIndex node, const Notice& notice) {
  Node& there = nodes_[node];
  if (const auto* peer = std::get_if<PeerIdentified>(&notice)) {
    const auto ref = there.world->end_of(peer->conn);
    if (!ref) return;
    EndState& end = ends_[ref->index];
    end.identified = true;
    invariants_->identified(end.facts, peer->legacy);
  } else if (const auto* gone = std::get_if<PeerGone>(&notice)) {
    if (const auto ref = there.world->end_of(gone->conn)) ends_[ref->index].identified = false;
  } else if (const auto* complete = std::get_if<ContentComplete>(&notice)) {
    for (Fetch& fetch : there.fetches) {
      if (fetch.id != complete->fetch) continue;
      fetch.done = true;
      fetch.done_at = queue_.now();
    }
  } else if (std::holds_alternative<Stopped>(notice)) {
    queue_.soon({TaskKind::died, node, 0});
  }
}

void Simulation::opened(uint32_t node, ConnId conn, EndRef ref) {
  if (ends_.size() < network_.end_slots()) ends_.resize(network_.end_slots());
  EndState& end = ends_[ref.index];
  end = EndState();
  end.there = true;
  end.identified = !honest(node);
  end.facts = {network_.connection_of(ref),
               node,
               conn,
               network_.owner_of(network_.peer_of(ref)),
               network_.local_of(ref),
               network_.remote_of(ref),
               queue_.now()};
  if (honest(node)) invariants_->opened(end.facts);
}

void Simulation::closed(uint32_t node, ConnId, EndRef ref) {
  if (ref.index >= ends_.size()) return;
  EndState& end = ends_[ref.index];
  if (!end.there || end.facts.connection != network_.connection_of(ref)) return;
  if (honest(node)) invariants_->closed(end.facts);
  end.there = false;
}

void Simulation::sending(uint32_t node, ConnId conn, EndRef ref,
                         std::span<const std::span<const std::byte>> parts, bool raw) {
  size_t bytes = 0;
  for (const auto& part : parts) bytes += part.size();
  nodes_[node].bytes.moved(bytes, queue_.now());
  if (raw) {
    for (const auto& part : parts) {
      trace_.raw_bytes(queue_.now(), node, nodes_[node].facts.name, conn.value(), part);
    }
    return;
  }
  sending_ = &ends_[ref.index];
  FrameTap& tap = sending_->tap;
  const uint64_t payload_before = tap.payload_bytes();
  for (const auto& part : parts) tap.hear(part, *this);
  const uint64_t payload = tap.payload_bytes() - payload_before;
  payload_bytes_ += payload;
  nodes_[node].payload_from += payload;
  nodes_[sending_->facts.peer].payload_to += payload;
  control_bytes_ += bytes - payload;
  sending_->sent += bytes;
}

void Simulation::control(std::span<const std::byte> frame) {
  const EndFacts& facts = sending_->facts;
  trace_.frame(queue_.now(), facts.node, nodes_[facts.node].facts.name, facts.conn, frame);
  invariants_->control_sent(facts, frame);
  record(short_text(frame));
}

void Simulation::payload_begun(std::span<const std::byte> header) {
  const EndFacts& facts = sending_->facts;
  trace_.payload(queue_.now(), facts.node, nodes_[facts.node].facts.name, facts.conn, header);
  invariants_->payload_begun(facts, header);
  record(short_text(header));
}

void Simulation::payload_ended(const Digest& digest) {
  ++nodes_[sending_->facts.node].pieces_given;
  invariants_->payload_sent(sending_->facts, digest);
}

// A frame's last byte is at the end of what this write brings, or before it: near enough for a
// picture.
void Simulation::record(std::string what) {
  if (!recorder_.on()) return;
  const EndFacts& facts = sending_->facts;
  recorder_.sent(facts.connection, facts.node, facts.peer, queue_.now(), sending_->sent + 1,
                 std::move(what));
}

void Simulation::received(uint32_t node, EndRef ref, size_t bytes) {
  EndState& end = ends_[ref.index];
  if (honest(node)) invariants_->received(end.facts, bytes);
  nodes_[node].bytes.moved(bytes, queue_.now());
  end.received += bytes;
  if (recorder_.on()) {
    recorder_.received(end.facts.connection, node, queue_.now(), end.received);
  }
}

void Simulation::stored(uint32_t node, const Digest& digest, bool bytes_match) {
  if (honest(node)) invariants_->stored(node, digest, bytes_match);
}

void Simulation::synced(uint32_t node) { invariants_->synced(node); }

}  // namespace p2p::sim
