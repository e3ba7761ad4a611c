// What the owner of an end sees and does, and the nodes.
#include "io_sim/net/network.h"

#include <algorithm>

#include "engine/base/check.h"

namespace p2p::sim {

namespace {

constexpr size_t kSegment = 1460;
constexpr size_t kWriteMax = 44 * kSegment;  // what one write of many segments takes

}  // namespace

Network::Network(EventQueue& queue, const NetworkModel& model, uint64_t seed)
    : queue_(queue), model_(model), seed_(seed) {}

uint32_t Network::attach(const Attachment& attachment) {
  const auto node = static_cast<uint32_t>(nodes_.size());
  nodes_.emplace_back();
  nodes_.back().attachment = attachment;
  nodes_.back().turns = std::make_unique<std::deque<EndRef>>();
  hosts_.emplace(attachment.endpoint.address, Host{node});
  if (attachment.listens) {
    const bool fresh = listeners_.emplace(attachment.endpoint, node).second;
    P2P_CHECK(fresh);
  }
  return node;
}

void Network::set_station(uint32_t node, Station* station) { nodes_[node].station = station; }

// Ends.

Network::End& Network::at(EndRef ref) {
  P2P_CHECK(exists(ref));
  return ends_[ref.index];
}

const Network::End& Network::at(EndRef ref) const {
  P2P_CHECK(exists(ref));
  return ends_[ref.index];
}

bool Network::exists(EndRef end) const {
  return end.index < ends_.size() && ends_[end.index].generation == end.generation &&
         ends_[end.index].state != State::free;
}

EndRef Network::peer_of(EndRef end) const {
  P2P_CHECK(exists(end));
  return ref_of(peer_index(end.index));
}

bool Network::is_open(EndRef end) const {
  return exists(end) && at(end).state == State::open && peer(end.index).state == State::open;
}

std::optional<EndRef> Network::end_in(uint32_t slot) const {
  if (ends_[slot].state == State::free) return std::nullopt;
  return ref_of(slot);
}

bool Network::same_host(uint32_t a, uint32_t b) const {
  return a == b || nodes_[a].attachment.endpoint.address == nodes_[b].attachment.endpoint.address;
}

Task Network::task_for(TaskKind kind, uint32_t index, uint64_t amount) const {
  P2P_CHECK(amount <= 0xffffffff);
  return {kind, index, uint64_t{ends_[index].generation} << 32 | amount};
}

bool Network::is_stale(const Task& task) const {
  const End& end = ends_[task.who];
  return end.state == State::free || end.generation != task.what >> 32;
}

void Network::run(const Task& task) {
  if (task.kind == TaskKind::uplink) return on_uplink(task.who);
  if (is_stale(task)) return;
  const uint32_t index = task.who;
  switch (task.kind) {
    case TaskKind::syn:
      return on_syn(index, amount_of(task));
    case TaskKind::syn_arrived:
      return on_syn_arrived(index);
    case TaskKind::syn_answered:
      return on_syn_answered(index);
    case TaskKind::syn_refused:
      return fail_dial(index, NetError::refused);
    case TaskKind::arrive:
      return on_arrive(index, amount_of(task));
    case TaskKind::deliver:
      return on_deliver(index, amount_of(task));
    case TaskKind::fin:
      return on_fin(index);
    case TaskKind::reset:
      return break_end(index, NetError::reset);
    case TaskKind::ready:
      return on_ready(index);
    case TaskKind::release:
      return on_release(index);
    case TaskKind::give_up:
      return on_give_up(index);
    case TaskKind::uplink:
    case TaskKind::wake:
    case TaskKind::complete:
    case TaskKind::raw_timer:
    case TaskKind::died:
    case TaskKind::deed:
    case TaskKind::second:
      break;
  }
  check_failed("a task that is not the network's");
}

// The owner's side.

void Network::watch(EndRef ref, bool read, bool write) {
  End& end = at(ref);
  end.watch_read = read;
  end.watch_write = write;
  wake(ref.index);
}

size_t Network::readable(EndRef ref) const {
  const End& end = at(ref);
  return end.state == State::open ? end.arrived : 0;
}

// A receiver opens its window in steps that are worth a segment or more (RFC 9293, 3.8.6.2.2): else
// bytes that were once cut small would stay small for ever.
size_t Network::room(EndRef ref) const {
  const End& end = at(ref);
  if (end.state != State::open || end.error || end.fin_wanted) return 0;
  const End& to = peer(ref.index);
  const size_t under_way = to.in.size() + to.frozen + end.lost;
  if (under_way >= model_.queue) return 0;
  const size_t room = model_.queue - under_way;
  return room < model_.queue / 4 ? 0 : room;
}

std::optional<NetError> Network::failure(EndRef ref) const {
  const End& end = at(ref);
  if (end.error) return end.error;
  if (end.eof && end.in.size() == 0) return NetError::end_of_stream;
  return std::nullopt;
}

size_t Network::cut(EndRef ref, size_t most) {
  Random& random = at(ref).random;
  switch (model_.chunks) {
    case Chunks::whole:
      return most;
    case Chunks::segments:
      return most <= kSegment ? most : std::min(kWriteMax, most - most % kSegment);
    case Chunks::adversarial:
      break;
  }
  // Often a few bytes, often all.
  if (most <= 1 || random.below(4) == 0) return most;
  const size_t bound = random.below(2) == 0 ? std::min<size_t>(most, 64) : most;
  return 1 + static_cast<size_t>(random.below(bound));
}

std::array<std::span<const std::byte>, 2> Network::peek(EndRef end, size_t n) const {
  P2P_CHECK(n <= readable(end));
  return at(end).in.front(n);
}

void Network::drop(EndRef ref, size_t n) {
  End& end = at(ref);
  P2P_CHECK(n <= end.arrived);
  end.in.drop(n);
  end.arrived -= n;
  const End& from = peer(ref.index);
  if (blocked(end.node, from.node)) {
    end.frozen += n;
  } else {
    wake(peer_index(ref.index));
  }
}

void Network::write(EndRef ref, std::span<const std::span<const std::byte>> parts) {
  End& end = at(ref);
  End& to = peer(ref.index);
  size_t bytes = 0;
  for (const auto& part : parts) bytes += part.size();
  P2P_CHECK(bytes > 0 && bytes <= room(ref));
  // An end that is broken keeps nothing; what comes there is answered by a reset.
  for (const auto& part : parts) {
    if (!part.empty() && !to.error) to.in.push(part);
  }
  end.unsent += bytes;
  send_unsent(ref.index);
}

// Faults of the scenario.

uint64_t Network::add_link_change(const std::vector<uint32_t>& nodes, const LinkChange& change) {
  ++last_change_;
  for (const uint32_t node : nodes) nodes_[node].changes.emplace_back(last_change_, change);
  if (change.latency) redraw_latencies(nodes);
  return last_change_;
}

void Network::remove_link_change(uint64_t id) {
  std::vector<uint32_t> changed;
  for (uint32_t node = 0; node < nodes_.size(); ++node) {
    const auto is_it = [id](const auto& change) { return change.first == id; };
    if (std::erase_if(nodes_[node].changes, is_it) > 0) changed.push_back(node);
  }
  redraw_latencies(changed);
}

void Network::remove_link_changes() {
  std::vector<uint32_t> changed;
  for (uint32_t node = 0; node < nodes_.size(); ++node) {
    if (nodes_[node].changes.empty()) continue;
    nodes_[node].changes.clear();
    changed.push_back(node);
  }
  redraw_latencies(changed);
}

void Network::redraw_latencies(const std::vector<uint32_t>& nodes) {
  std::vector<bool> named(nodes_.size(), false);
  for (const uint32_t node : nodes) named[node] = true;
  for (uint32_t i = 0; i < ends_.size(); i += 2) {
    if (ends_[i].state == State::free || ends_[i + 1].state == State::free) continue;
    if (!named[ends_[i].node] && !named[ends_[i + 1].node]) continue;
    ends_[i].latency = ends_[i + 1].latency =
        draw_connection_latency(ends_[i].node, ends_[i + 1].node, ends_[i].random);
  }
}

void Network::reset_connections(const std::vector<uint32_t>& nodes,
                                const std::vector<uint32_t>& others) {
  std::vector<uint8_t> side(nodes_.size(), others.empty() ? 2 : 0);
  for (const uint32_t node : others) side[node] |= 2;
  for (const uint32_t node : nodes) side[node] |= 1;
  for (uint32_t i = 0; i < ends_.size(); i += 2) {
    if (ends_[i].state != State::open || ends_[i + 1].state != State::open) continue;
    const uint8_t a = side[ends_[i].node];
    const uint8_t b = side[ends_[i + 1].node];
    if ((a & 1) == 0 || (b & 2) == 0) {
      if ((b & 1) == 0 || (a & 2) == 0) continue;
    }
    break_end(i, NetError::reset);
    break_end(i + 1, NetError::reset);
  }
}

}  // namespace p2p::sim
