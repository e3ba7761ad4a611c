// How bytes travel: through the sender's uplink, along the link, through the receiver's downlink.
#include <algorithm>

#include "engine/base/check.h"
#include "io_sim/net/draw.h"
#include "io_sim/net/network.h"

namespace p2p::sim {

namespace {

constexpr size_t kSegmentBytes = 1460;
constexpr size_t kTurnMax = size_t{16} << 10;
constexpr Duration kTurnTime = Duration::milliseconds(10);
constexpr Duration kRetransmitMin = Duration::milliseconds(200);
constexpr Duration kRetransmitMax = Duration::seconds(120);
// tcp_retries2 of Linux: 15 retransmissions.
constexpr Duration kGiveUp = Duration::seconds(924);

Duration time_for(size_t bytes, uint64_t bits_a_second) {
  const uint64_t bits = uint64_t{bytes} * 8;
  return Duration::nanoseconds(static_cast<int64_t>(bits * 1'000'000'000 / bits_a_second));
}

// What one connection sends in its turn: small where the link is slow, so that nobody waits long.
size_t turn_bytes(uint64_t bits_a_second) {
  const uint64_t in_time = bits_a_second / 8 * static_cast<uint64_t>(kTurnTime.count_ms()) / 1000;
  return std::clamp<size_t>(in_time, kSegmentBytes, kTurnMax);
}

}  // namespace

Bandwidth Network::bandwidth_of(uint32_t node) const {
  Bandwidth bandwidth = nodes_[node].attachment.bandwidth.value_or(model_.bandwidth);
  for (const auto& [id, change] : nodes_[node].changes) {
    if (change.bandwidth) bandwidth = *change.bandwidth;
  }
  return bandwidth;
}

Probability Network::loss_between(uint32_t a, uint32_t b) const {
  if (same_host(a, b)) return {};
  Probability loss = model_.loss;
  for (const uint32_t node : {a, b}) {
    for (const auto& [id, change] : nodes_[node].changes) {
      if (change.loss) loss.parts = std::max(loss.parts, change.loss->parts);
    }
  }
  return loss;
}

void Network::send_unsent(uint32_t index) {
  End& end = ends_[index];
  if (end.unsent == 0) return send_fin_if_due(index);
  Node& node = nodes_[end.node];
  if (bandwidth_of(end.node).up == 0 || same_host(end.node, peer(index).node)) {
    const size_t bytes = std::exchange(end.unsent, 0);
    depart(index, bytes, queue_.now());
    return send_fin_if_due(index);
  }
  if (!end.in_turn) {
    end.in_turn = true;
    node.turns->push_back(ref_of(index));
  }
  if (node.uplink_due) return;
  if (node.uplink_free <= queue_.now()) return on_uplink(end.node);
  node.uplink_due = true;
  queue_.at(node.uplink_free, {TaskKind::uplink, end.node, 0});
}

// The uplink is free: whoever is next sends its turn.
void Network::on_uplink(uint32_t node_index) {
  Node& node = nodes_[node_index];
  node.uplink_due = false;
  const uint64_t rate = bandwidth_of(node_index).up;
  while (!node.turns->empty()) {
    const EndRef ref = node.turns->front();
    node.turns->pop_front();
    if (!exists(ref)) continue;
    End& end = ends_[ref.index];
    const size_t turn = rate == 0 ? end.unsent : std::min(end.unsent, turn_bytes(rate));
    if (turn == 0) {
      end.in_turn = false;
      send_fin_if_due(ref.index);
      continue;
    }
    end.unsent -= turn;
    node.uplink_free = queue_.now() + (rate == 0 ? Duration() : time_for(turn, rate));
    depart(ref.index, turn, node.uplink_free);
    if (end.unsent > 0) {
      node.turns->push_back(ref);
    } else {
      end.in_turn = false;
      send_fin_if_due(ref.index);
    }
    if (rate != 0) break;
  }
  if (node.turns->empty()) return;
  node.uplink_due = true;
  queue_.at(node.uplink_free, {TaskKind::uplink, node_index, 0});
}

// `bytes` leave the host at `when`.
void Network::depart(uint32_t index, size_t bytes, Time when) {
  End& end = ends_[index];
  if (end.held > 0 || blocked(end.node, peer(index).node)) return hold(index, bytes);
  Time arrival = when + end.latency + loss_delay(end, index, bytes);
  if (model_.jitter > Duration()) {
    arrival = arrival + end.random.between(Duration(), model_.jitter);
  }
  end.last_arrival = std::max(arrival, end.last_arrival);
  queue_.at(end.last_arrival, task_for(TaskKind::arrive, peer_index(index), bytes));
}

// A lost segment, and all behind it on its connection, comes a retransmission timeout later,
// doubled for each further loss of it.
Duration Network::loss_delay(End& end, uint32_t index, size_t bytes) {
  const Probability loss = loss_between(end.node, peer(index).node);
  if (loss.parts == 0) return {};
  Duration worst;
  for (size_t sent = 0; sent < bytes; sent += kSegmentBytes) {
    Duration delay;
    Duration timeout = std::max(kRetransmitMin, end.latency * 4);
    while (happens(loss, end.random) && delay < kRetransmitMax) {
      delay = delay + timeout;
      timeout = timeout * 2;
    }
    worst = std::max(worst, delay);
  }
  return worst;
}

void Network::hold(uint32_t index, size_t bytes) {
  ends_[index].held += bytes;
  stall(index);
}

// Nothing gets through, or nothing is acknowledged: after a quarter of an hour TCP gives up.
void Network::stall(uint32_t index) {
  End& end = ends_[index];
  if (!end.stalled_since.is_never()) return;
  end.stalled_since = queue_.now();
  queue_.after(kGiveUp, task_for(TaskKind::give_up, index, 0));
}

void Network::on_give_up(uint32_t index) {
  const End& end = ends_[index];
  if (end.stalled_since.is_never() || queue_.now() - end.stalled_since < kGiveUp) return;
  break_end(index, NetError::timed_out);
}

void Network::send_fin_if_due(uint32_t index) {
  End& end = ends_[index];
  if (!end.fin_wanted || end.fin_sent || end.unsent > 0 || end.error) return;
  if (end.held > 0 || blocked(end.node, peer(index).node)) {
    end.fin_held = true;
    stall(index);
    return;
  }
  end.fin_sent = true;
  end.last_arrival = std::max(queue_.now() + end.latency, end.last_arrival);
  queue_.at(end.last_arrival, task_for(TaskKind::fin, peer_index(index), 0));
}

void Network::on_arrive(uint32_t index, size_t bytes) {
  End& end = ends_[index];
  if (end.state != State::open || end.error) return refuse_bytes(index, bytes);
  const uint64_t rate = bandwidth_of(end.node).down;
  if (rate == 0 || same_host(end.node, peer(index).node)) return on_deliver(index, bytes);
  Node& node = nodes_[end.node];
  const bool was_free = node.downlink_free <= queue_.now();
  node.downlink_free = std::max(node.downlink_free, queue_.now()) + time_for(bytes, rate);
  // A single packet that finds the link free has come when its sender's link has let it go.
  if (was_free && bytes <= kSegmentBytes) return on_deliver(index, bytes);
  queue_.at(node.downlink_free, task_for(TaskKind::deliver, index, bytes));
}

void Network::on_deliver(uint32_t index, size_t bytes) {
  End& end = ends_[index];
  if (end.state != State::open || end.error) return refuse_bytes(index, bytes);
  end.arrived += bytes;
  if (blocked(end.node, peer(index).node))
    stall(peer_index(index));  // no acknowledgement goes back
  wake(index);
}

// Bytes have come for which there is no connection any more: that is answered with a reset, if the
// host is there.
void Network::refuse_bytes(uint32_t index, size_t bytes) {
  End& end = ends_[index];
  if (!end.error) end.in.drop(bytes);
  if (!nodes_[end.node].crashed) return send_reset(index);
  peer(index).lost += bytes;
  stall(peer_index(index));
}

// A blockade was lifted: whoever is held goes on.
void Network::blockades_lifted(bool at_once) {
  for (uint32_t index = 0; index < ends_.size(); ++index) {
    End& end = ends_[index];
    if (end.state == State::free || ends_[peer_index(index)].state == State::free) continue;
    if (blocked(end.node, peer(index).node)) continue;
    if (end.frozen > 0) {
      end.frozen = 0;
      wake(peer_index(index));
    }
    End& from = peer(index);
    const bool waits = from.held > 0 || from.fin_held || from.lost > 0 || from.reset_held;
    if (!waits) from.stalled_since = Time::never();
    if (end.held > 0 || end.fin_held || end.reset_held) schedule_release(index, at_once);
  }
}

// When TCP would next try again: the wait doubles from try to try, up to two minutes.
void Network::schedule_release(uint32_t index, bool at_once) {
  End& end = ends_[index];
  if (std::exchange(end.release_due, true)) return;
  const Task task = task_for(TaskKind::release, index, 0);
  if (at_once || end.stalled_since.is_never()) return queue_.soon(task);
  Duration wait = std::max(kRetransmitMin, end.latency * 4);
  Time next = end.stalled_since + wait;
  while (next < queue_.now()) {
    wait = std::min(wait * 2, kRetransmitMax);
    next = next + wait;
  }
  queue_.at(next, task);
}

void Network::on_release(uint32_t index) {
  End& end = ends_[index];
  end.release_due = false;
  if (blocked(end.node, peer(index).node)) return;
  if (end.lost == 0) end.stalled_since = Time::never();
  if (std::exchange(end.reset_held, false)) return send_reset(index);
  const size_t bytes = std::exchange(end.held, 0);
  if (bytes > 0) depart(index, bytes, queue_.now());
  if (std::exchange(end.fin_held, false)) send_fin_if_due(index);
}

}  // namespace p2p::sim
