#include "engine/overlay/seek_answers.h"

#include <algorithm>

#include "engine/overlay/record_rules.h"

namespace p2p {

namespace {

// Where the peer itself is, as far as anybody can tell.
bool is_its_own(const Connection& connection, const Endpoint& endpoint) {
  if (endpoint == connection.spoken_for || endpoint == connection.claimed) return true;
  return endpoint == Endpoint{connection.remote.address, connection.claimed_port};
}

}  // namespace

void SeekAnswers::on_seek(Connection& connection, const SeekMessage& seek) {
  Peer& peer = peers_[connection.id];
  if (peer.owed.size() >= kOwedMax) {
    context_.connections.doom(connection, CloseReason::too_many_seeks);
    return;
  }
  peer.owed.push_back(seek.id);
  std::erase(peer.followed, seek.id);
  peer.followed.push_back(seek.id);
  if (peer.followed.size() > kFollowedMax) peer.followed.pop_front();
  if ((seek.flags & SeekMessage::kListMe) != 0) list(connection, seek.id);
  context_.connections.touch(connection.id);
}

// Under the address that is seen, whatever it claims.
void SeekAnswers::list(const Connection& connection, const Digest& id) {
  const Endpoint endpoint{connection.remote.address, connection.claimed_port};
  if (!acceptable_record(endpoint, connection.link())) return;
  if (listings_.add(id, endpoint, context_.now) != Listings::Added::fresh) return;
  for (auto& [other, peer] : peers_) {
    if (other == connection.id) continue;
    if (std::find(peer.followed.begin(), peer.followed.end(), id) == peer.followed.end()) continue;
    peer.news.emplace_back(id, endpoint);
    if (peer.news.size() > kFollowedMax) peer.news.pop_front();
    context_.connections.touch(other);
  }
}

FoundMessage SeekAnswers::answer_to(const Connection& connection, const Digest& id) {
  FoundMessage found;
  found.id = id;
  std::vector<Endpoint> listed = listings_.under(id, context_.now);
  context_.random.shuffle(listed);
  for (const Endpoint& endpoint : listed) {
    if (found.holders.size() == kFoundHoldersMax) break;
    if (is_its_own(connection, endpoint)) continue;
    const auto record = record_for(endpoint, connection.link());
    if (record) found.holders.push_back(*record);
  }
  const auto skip = [&](const Endpoint& endpoint) {
    const auto record = record_for(endpoint, connection.link());
    return is_its_own(connection, endpoint) || !record || is_its_own(connection, *record);
  };
  for (const Endpoint& endpoint : table_.nearest(id, kFoundNearestMax, context_.now, skip)) {
    found.nearest.push_back(*record_for(endpoint, connection.link()));
  }
  return found;
}

void SeekAnswers::pump(Connection& connection) {
  const auto there = peers_.find(connection.id);
  if (there == peers_.end()) return;
  Peer& peer = there->second;
  const size_t most = context_.config.limits.control_ahead_bytes;
  while (!peer.owed.empty() && connection.outbox.control_pending() < most) {
    connection.outbox.add(answer_to(connection, peer.owed.front()));
    peer.owed.pop_front();
  }
  while (!peer.news.empty() && peer.owed.empty() && connection.outbox.control_pending() < most) {
    const auto [id, endpoint] = peer.news.front();
    peer.news.pop_front();
    const auto record = record_for(endpoint, connection.link());
    if (!record || is_its_own(connection, endpoint)) continue;
    connection.outbox.add(FoundMessage{id, {*record}, {}});
  }
}

}  // namespace p2p
