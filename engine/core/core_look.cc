// Snapshots of a node. Looking changes nothing.
#include <algorithm>

#include "engine/core/core.h"

namespace p2p {

PeerStatus Engine::Core::status_of(const Connection& connection) const {
  PeerStatus peer;
  peer.conn = connection.id;
  peer.remote = connection.remote;
  peer.accepted = connection.accepted();
  peer.identified = connection.identified();
  peer.legacy = connection.legacy();
  peer.age = context_.now - connection.opened;
  peer.bytes_in = connection.bytes_in;
  peer.bytes_out = connection.bytes_out;
  peer.listens = connection.accepted() ? connection.claimed : connection.remote;
  peer.silent = context_.now - connection.last_received;
  peer.surplus = connection.surplus;
  peer.score = connection.misdeeds.at(context_.now);
  peer.address_score = context_.scores.points(connection.remote.address, context_.now);
  return peer;
}

Status Engine::Core::status() const {
  Status status;
  for (const auto& [id, connection] : context_.connections) {
    if (connection->phase == Phase::open) status.peers.push_back(status_of(*connection));
  }
  const AddressBook& book = neighbours_.book();
  status.known_alive = book.known_alive(context_.now);
  status.book_entries = book.size();
  status.pieces_held = held_.size();
  status.pieces_wanted = downloads_.wanted_count();
  status.receive_budget_used = downloads_.budget_used();
  status.as_of = context_.now;
  status.book = book.sizes(context_.now);
  status.counts = counts_;
  status.refusals = context_.scores.refusals(context_.now);
  status.counts.dials_started = context_.last_dial;
  return status;
}

Totals Engine::Core::totals() const {
  return {context_.connections.size(), neighbours_.book().size(), held_.size(),
          downloads_.wanted_count(),   downloads_.budget_used(),  payload_sent_};
}

std::optional<EndpointStory> Engine::Core::why(const Endpoint& endpoint) const {
  EndpointStory story = neighbours_.story(endpoint, downloads_.wanted_count() > 0);
  for (const auto& [id, connection] : context_.connections) {
    if (connection->remote != endpoint && connection->claimed != endpoint) continue;
    if (connection->phase == Phase::open) story.connections.push_back(status_of(*connection));
    if (connection->phase == Phase::connecting) ++story.dials_under_way;
  }
  story.refused = context_.scores.refuses(endpoint.address, context_.now);
  const bool known = story.refused || story.book.set != BookStory::Set::none || story.book.own ||
                     story.book.shunned_until || story.bootstrap || !story.connections.empty() ||
                     story.dials_under_way > 0;
  if (!known) return std::nullopt;
  return story;
}

std::optional<ContentStory> Engine::Core::why(const Digest& root, size_t pieces_max) const {
  auto story = contents_.story(root, std::min(pieces_max, context_.config.limits.story_pieces_max));
  if (!story) return std::nullopt;
  story->as_of = context_.now;
  downloads_.tell(*story);
  return story;
}

}  // namespace p2p
