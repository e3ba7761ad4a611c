// Trying out others while there are neighbours enough, and whom of them to keep.
#include <algorithm>
#include <map>
#include <vector>

#include "engine/overlay/neighbours.h"
#include "engine/overlay/network_group.h"

namespace p2p {

namespace {

// How much longer than exchange_idle a feeler lives that may become a neighbour: a peer that has no
// place for it lets go of it by then.
constexpr Duration kProvesItself = Duration::seconds(15);

// How long any other stays: until what both said at first has arrived.
constexpr Duration kFeelerStays = Duration::seconds(2);

using Groups = std::map<Address, std::vector<Connection*>>;

// The dialled neighbours, by the network that they are of.
Groups dialled_by_network(Context& context) {
  Groups groups;
  for (const auto& [id, other] : context.connections) {
    if (other->accepted() || other->surplus || !other->open() || !other->extended()) continue;
    groups[network_group(other->remote.address)].push_back(other.get());
  }
  return groups;
}

// How many neighbours the network has that has most of them.
size_t largest(const Groups& groups) {
  size_t most = 0;
  for (const auto& [network, members] : groups) most = std::max(most, members.size());
  return most;
}

// Whether it is of a network of which there is no neighbour, while another has several.
bool widens(const Connection& feeler, const Groups& groups) {
  return !groups.contains(network_group(feeler.remote.address)) && largest(groups) > 1;
}

// Of the networks that have most, those of use just now left out.
std::vector<Connection*> replaceable(const Groups& groups) {
  std::vector<Connection*> others;
  const size_t most = largest(groups);
  for (const auto& [network, members] : groups) {
    if (members.size() < most) continue;
    std::copy_if(members.begin(), members.end(), std::back_inserter(others),
                 [](const Connection* other) { return other->exchange == nullptr; });
  }
  return others;
}

}  // namespace

// Whoever has all the neighbours that it needs tries out somebody else now and then: so it knows
// who is really there, and two parts of a network that lost sight of each other find together
// again.
void Neighbours::dial_feeler_if_due() {
  if (context_.now < next_feeler_) return;
  next_feeler_ = context_.now + context_.random.jittered(feeler_wait_);
  if (half_open_ >= context_.config.limits.dials_at_once_max) return;
  const auto linked = [this](const Endpoint& endpoint) { return is_linked(endpoint); };
  for (const Endpoint& endpoint : book_.pick_to_try_out(context_.now, context_.random, linked)) {
    if (passes_over(endpoint)) continue;
    Connection& feeler = dial(endpoint);
    feeler.feeler = feeler.surplus = true;
    ++uncounted_;
  }
}

// In its first minutes a node knows those who came before it, and so does everybody: to keep some
// of those who are met later, in place of earlier ones, makes of that a network without old and
// new; whoever has many addresses in one network is met most often, and therefore kept as seldom as
// others. And whoever is of a network of its own is kept at any time, in place of one of many: so
// those who have a thousand addresses in one network don't stay more than one neighbour for long.
// One that has no place for this node lets go of it before the time that it is given here. All
// others are let go of before the peer at the other end has made news of this node.
void Neighbours::prolong_feeler(Connection& feeler) {
  const Duration longest = context_.config.limits.feeler_every;
  const bool early = feeler_wait_ < longest;
  feeler_wait_ = std::min(feeler_wait_ * 2, longest);
  const bool mixes = early && book_.draw_for_network(feeler.remote, context_.random);
  feeler.to_be_kept = mixes || widens(feeler, dialled_by_network(context_));
  feeler.last_exchange =
      context_.now +
      (feeler.to_be_kept ? kProvesItself : kFeelerStays - context_.config.limits.exchange_idle);
}

bool Neighbours::keep_feeler(Connection& feeler) {
  if (!feeler.to_be_kept) return false;
  const std::vector<Connection*> others = replaceable(dialled_by_network(context_));
  if (others.empty()) return false;
  Connection& goes = *others[static_cast<size_t>(context_.random.below(others.size()))];
  goes.surplus = true;
  goes.last_exchange = context_.now;
  context_.connections.touch(goes.id);
  feeler.feeler = feeler.surplus = feeler.to_be_kept = false;
  if (!feeler.quiet) --uncounted_;
  if (feeler.in_book) book_.stays(*feeler.spoken_for, context_.now);
  return true;
}

}  // namespace p2p
