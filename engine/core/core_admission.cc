// Which accepted connections may stay: what is held against addresses, and who has a slot.
#include <algorithm>
#include <map>

#include "engine/core/core.h"
#include "engine/overlay/eviction.h"
#include "engine/overlay/network_group.h"

namespace p2p {

// Peers from there have broken the protocol too often. Nothing is said to this one: that would cost
// more than it does.
bool Engine::Core::turns_away(const Accepted& event) {
  const Scores::Verdict verdict = context_.scores.judge(event.remote.address, context_.now);
  if (verdict == Scores::Verdict::welcome) return false;
  ++counts_.closed[static_cast<size_t>(CloseReason::refused)];
  const bool network = verdict == Scores::Verdict::network_refused;
  auto line = fault_log_.admit(context_.now, event.remote, CloseReason::refused,
                               network ? "its network" : "its address");
  if (line) context_.notify(std::move(*line));
  context_.emit(Close{event.conn});
  return true;
}

// What the connection leaves with the address at its other end.
void Engine::Core::charge(const Connection& connection) {
  const uint32_t fault = connection.doom ? fault_points(*connection.doom) : 0;
  const uint32_t points = std::max(fault, connection.misdeeds.at(context_.now));
  context_.scores.charge(connection.remote.address, points, context_.now);
}

// An accepted connection has been identified: it is a neighbour, or one for exchange. It was told
// who else is there, whatever becomes of it.
void Engine::Core::take_slot(Connection& connection) {
  const Limits& limits = context_.config.limits;
  strangers_.erase(connection.id);
  ++accepted_known_;
  Connection* without_slot = &connection;
  if (accepted_neighbours_ < limits.accepted_neighbours_max) {
    ++accepted_neighbours_;
  } else {
    // Whoever has no slot stays while pieces move. If none do, it goes: the newcomer after a while,
    // another at once.
    if (Connection* const other = evicted_by(connection)) without_slot = other;
    without_slot->surplus = true;
    context_.connections.touch(without_slot->id);
  }
  if (accepted_known_ > limits.accepted_neighbours_max + limits.exchange_max) {
    make_room(*without_slot);
  }
}

// The accepted neighbour whose slot the newcomer takes; nullptr: none.
Connection* Engine::Core::evicted_by(const Connection& newcomer) const {
  std::vector<SlotHolder> holders;
  for (const auto& [id, other] : context_.connections) {
    if (other.get() == &newcomer || !other->open() || !other->accepted()) continue;
    if (!other->identified() || other->surplus) continue;
    holders.push_back({id, network_group(other->remote.address), other->order, other->given_bytes,
                       other->legacy()});
  }
  const auto goes = whom_to_evict(std::move(holders), network_group(newcomer.remote.address));
  return goes ? context_.connections.find(*goes) : nullptr;
}

// All slots are taken: the address that holds most of them gives one up, the one that has been of
// no use for longest; so idle strangers at one address can't shut out everybody else. If nobody
// holds several, and on loopback, where all share one address, the last goes. One of ours is a
// guest before: it was told of others, and what it asks in a look-up is answered, so that the
// holders that a busy bootstrap node knows are found.
void Engine::Core::make_room(Connection& last) {
  std::map<Address, size_t> held;
  for (const auto& [id, other] : context_.connections) {
    if (other->open() && other->accepted() && other->identified() && !other->guest() &&
        !other->remote.address.is_loopback()) {
      ++held[other->remote.address];
    }
  }
  const auto most = std::max_element(
      held.begin(), held.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  Connection* goes = &last;
  if (most != held.end() && most->second > 1) {
    for (const auto& [id, other] : context_.connections) {
      if (!other->open() || !other->accepted() || !other->identified()) continue;
      if (other->guest() || other->remote.address != most->first ||
          other->outbox.payload_pending() > 0)
        continue;
      if (goes == &last || other->last_exchange < goes->last_exchange) goes = other.get();
    }
  }
  if (goes == &last && last.extended()) {
    make_guest(last);
  } else {
    context_.connections.doom(*goes, CloseReason::slots_full);
  }
}

void Engine::Core::make_guest(Connection& connection) {
  if (!connection.surplus) --accepted_neighbours_;
  connection.surplus = true;
  connection.guest_until = context_.now + context_.config.limits.guest_stay;
  --accepted_known_;
  strangers_.insert(connection.id);
  context_.connections.touch(connection.id);
  if (strangers_.size() > context_.config.limits.unidentified_max) turn_out_a_stranger("");
}

// Of strangers and guests, the one that has been there for longest. A guest has done nothing wrong.
void Engine::Core::turn_out_a_stranger(const char* why) {
  Connection& oldest = *context_.connections.find(*strangers_.begin());
  if (oldest.identified()) {
    context_.connections.doom(oldest, CloseReason::slots_full);
  } else {
    context_.connections.doom(oldest, CloseReason::not_identified, why);
  }
}

}  // namespace p2p
