// From a dial to two open ends, or to the reason why not.
#include <algorithm>

#include "engine/base/check.h"
#include "io_sim/net/draw.h"
#include "io_sim/net/network.h"
#include "io_sim/scenario/keyed_seed.h"

namespace p2p::sim {

namespace {

// Between processes of one host.
constexpr Duration kLocalLatency = Duration::microseconds(50);
// A kernel knocks again after 1, 2, 4 ... 32 s and gives up after 127 s in all, as Linux does.
constexpr uint64_t kKnocksMax = 6;

}  // namespace

uint32_t Network::allocate() {
  uint32_t index = 0;
  if (free_.empty()) {
    index = static_cast<uint32_t>(ends_.size());
    ends_.emplace_back();
    ends_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  ends_[index].connection = ends_[index + 1].connection = ++last_connection_;
  return index;
}

// A connection is forgotten when nobody will look at it again.
void Network::free_if_done(uint32_t index) {
  const uint32_t even = index & ~uint32_t{1};
  const auto done = [](State state) { return state != State::connecting && state != State::open; };
  if (!done(ends_[even].state) || !done(ends_[even + 1].state)) return;
  for (const uint32_t i : {even, even + 1}) {
    const uint32_t next = ends_[i].generation + 1;
    ends_[i] = End();
    ends_[i].generation = next;
  }
  free_.push_back(even);
}

EndRef Network::dial(uint32_t node, const Endpoint& to, uint64_t tag) {
  const uint32_t index = allocate();
  End& end = ends_[index];
  Node& from = nodes_[node];
  end.state = State::connecting;
  end.node = node;
  end.tag = tag;
  end.remote = to;
  end.random = Random(Seed{mixed(mixed(seed_, from.attachment.key), ++from.dials)});
  ends_[index + 1].random = Random(Seed{end.random.next()});
  uint16_t& port = hosts_.at(from.attachment.endpoint.address).last_port;
  port = port == 65'535 ? 40'000 : static_cast<uint16_t>(port + 1);
  const Address& own = from.attachment.endpoint.address;
  end.local = {to.address.is_loopback() ? to.address : own, port};
  queue_.soon(task_for(TaskKind::syn, index, 0));
  return ref_of(index);
}

// A loopback address is the dialler's own host.
std::optional<uint32_t> Network::listener_at(const Endpoint& to, uint32_t from) const {
  Endpoint there = to;
  if (to.address.is_loopback()) there.address = nodes_[from].attachment.endpoint.address;
  const auto found = listeners_.find(there);
  if (found == listeners_.end()) return std::nullopt;
  return found->second;
}

// Who answers for a port that nobody listens on.
std::optional<uint32_t> Network::node_of_host(const Endpoint& to, uint32_t from) const {
  if (to.address.is_loopback()) return from;
  const auto found = hosts_.find(to.address);
  if (found == hosts_.end()) return std::nullopt;
  return found->second.node;
}

void Network::on_syn(uint32_t index, uint64_t attempt) {
  End& end = ends_[index];
  if (end.state != State::connecting) return;
  if (attempt > kKnocksMax) return fail_dial(index, NetError::timed_out);
  const auto target = listener_at(end.remote, end.node);
  const auto at = target ? target : node_of_host(end.remote, end.node);
  bool answered = false;
  if (at) {
    const bool hidden = !nodes_[*at].attachment.inbound && !same_host(end.node, *at);
    const bool cut_off = blocked(end.node, *at) || blocked(*at, end.node);
    // The SYN or its answer.
    const Probability loss = loss_between(end.node, *at);
    const bool lost = happens(loss, end.random);
    const bool answer_lost = happens(loss, end.random);
    answered = !nodes_[*at].crashed && !hidden && !cut_off && !lost && !answer_lost;
  }
  if (!answered) {
    queue_.after(Duration::seconds(int64_t{1} << attempt),
                 task_for(TaskKind::syn, index, attempt + 1));
    return;
  }
  end.latency = draw_connection_latency(end.node, *at, end.random);
  const bool up = target && nodes_[*target].station != nullptr;
  if (up) {
    queue_.after(end.latency, task_for(TaskKind::syn_arrived, index, 0));
  } else {
    queue_.after(end.latency * 2, task_for(TaskKind::syn_refused, index, 0));
  }
}

void Network::on_syn_arrived(uint32_t index) {
  if (ends_[index].state != State::connecting) return;
  const auto target = listener_at(ends_[index].remote, ends_[index].node);
  Station* const station = nodes_[*target].station;
  const Duration latency = ends_[index].latency;
  if (station == nullptr || nodes_[*target].crashed) {
    if (!nodes_[*target].crashed)
      queue_.after(latency, task_for(TaskKind::syn_refused, index, 0));
    else
      queue_.after(Duration::seconds(1), task_for(TaskKind::syn, index, 1));
    return;
  }
  queue_.after(latency, task_for(TaskKind::syn_answered, index, 0));
  End& near = ends_[peer_index(index)];
  near.state = State::open;
  near.node = *target;
  near.local = ends_[index].remote;
  near.remote = ends_[index].local;
  near.latency = latency;
  near.last_arrival = queue_.now() + latency;  // no byte overtakes the answer
  const EndRef ref = ref_of(peer_index(index));
  const uint64_t tag = station->on_accepted(ref, near.local, near.remote);
  if (exists(ref)) ends_[ref.index].tag = tag;
}

void Network::on_syn_answered(uint32_t index) {
  End& end = ends_[index];
  if (end.state == State::closed) return send_reset(index);  // called off meanwhile
  if (end.state != State::connecting) return;
  end.state = State::open;
  nodes_[end.node].station->on_connected(ref_of(index), end.tag, end.local);
  if (ends_[index].state == State::open) wake(index);
}

void Network::fail_dial(uint32_t index, NetError why) {
  End& end = ends_[index];
  if (end.state != State::connecting) return;
  end.state = State::closed;
  const uint32_t node = end.node;
  const uint64_t tag = end.tag;
  free_if_done(index);
  nodes_[node].station->on_connect_failed(tag, why);
}

Duration Network::draw_connection_latency(uint32_t a, uint32_t b, Random& random) const {
  if (same_host(a, b)) return kLocalLatency;
  const auto law_of = [this](uint32_t node) {
    std::optional<LatencyLaw> law = nodes_[node].attachment.latency;
    for (const auto& [id, change] : nodes_[node].changes) {
      if (change.latency) law = change.latency;
    }
    return law;
  };
  const auto law_a = law_of(a);
  const auto law_b = law_of(b);
  if (!law_a && !law_b) return draw_latency(model_.latency, random);
  const Duration drawn_a = law_a ? draw_latency(*law_a, random) : Duration();
  const Duration drawn_b = law_b ? draw_latency(*law_b, random) : Duration();
  return std::max(drawn_a, drawn_b);
}

}  // namespace p2p::sim
