#include "apps/p2pnode/look_json.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "apps/p2pnode/json_line.h"
#include "apps/p2pnode/look_request.h"
#include "apps/p2pnode/why_sentence.h"

namespace p2p::app {
namespace {

using nlohmann::ordered_json;

ordered_json ms(Duration duration) { return std::max<int64_t>(0, duration.count_ms()); }

ordered_json text_or_null(const std::optional<Endpoint>& endpoint) {
  return endpoint ? ordered_json(endpoint->text()) : ordered_json();
}

// `since`: how old the snapshot is.
ordered_json peer_json(const PeerStatus& peer, Duration since, const RoundTrip& round_trip) {
  const auto measured = round_trip ? round_trip(peer.conn) : std::nullopt;
  ordered_json json;
  json["endpoint"] = peer.remote.text();
  json["listens"] = text_or_null(peer.listens);
  json["direction"] = peer.accepted ? "in" : "out";
  json["identified"] = peer.identified;
  json["legacy"] = peer.legacy;
  json["surplus"] = peer.surplus;
  json["age_ms"] = ms(peer.age + since);
  json["silent_ms"] = ms(peer.silent + since);
  json["bytes_in"] = peer.bytes_in;
  json["bytes_out"] = peer.bytes_out;
  json["score"] = peer.score;
  json["address_score"] = peer.address_score;
  json["round_trip_us"] = measured ? ordered_json(measured->count_ns() / 1000) : ordered_json();
  return json;
}

ordered_json peer_list(const std::vector<PeerStatus>& peers, Duration since,
                       const RoundTrip& round_trip) {
  ordered_json list = ordered_json::array();
  for (const PeerStatus& peer : peers) list.push_back(peer_json(peer, since, round_trip));
  return list;
}

// Those that ever happened, by name.
ordered_json by_net_error(const std::array<uint64_t, kNetErrors>& counts) {
  ordered_json json = ordered_json::object();
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) json[std::string(net_error_name(static_cast<NetError>(i)))] = counts[i];
  }
  return json;
}

ordered_json by_close_reason(const std::array<uint64_t, kCloseReasons>& counts) {
  ordered_json json = ordered_json::object();
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) {
      json[std::string(close_reason_name(static_cast<CloseReason>(i)))] = counts[i];
    }
  }
  return json;
}

ordered_json refusals_json(const std::vector<Refusal>& refusals, Duration since) {
  ordered_json list = ordered_json::array();
  for (const Refusal& refusal : refusals) {
    ordered_json json;
    json["address"] = refusal.address.text();
    json["network"] = refusal.network;
    json["for_ms"] = ms(refusal.left - since);
    json["turned_away"] = refusal.turned_away;
    list.push_back(std::move(json));
  }
  return list;
}

ordered_json book_sizes_json(const Status& status) {
  ordered_json json;
  json["tried"] = status.book.tried;
  json["hearsay"] = status.book.hearsay;
  json["alive"] = status.known_alive.size();
  json["shunned"] = status.book.shunned;
  json["own"] = status.book.own;
  return json;
}

const char* set_name(BookStory::Set set) {
  switch (set) {
    case BookStory::Set::none:
      return "none";
    case BookStory::Set::hearsay:
      return "hearsay";
    case BookStory::Set::tried:
      return "tried";
  }
  return "none";
}

ordered_json contact_json(const BookStory& book, Time now) {
  const Contact contact = book.contact;
  const auto json = [&](const char* kind, std::string_view detail) {
    ordered_json object;
    object["kind"] = kind;
    object["detail"] = detail.empty() ? ordered_json() : ordered_json(detail);
    object["ago_ms"] = ms(now - book.contact_at);
    return object;
  };
  switch (contact.kind()) {
    case Contact::Kind::none:
      return {};
    case Contact::Kind::dialling:
      return json("dialling", "");
    case Contact::Kind::connected:
      return json("connected", "");
    case Contact::Kind::failed:
      return json("failed", net_error_name(contact.error()));
    case Contact::Kind::ended:
      return json("ended", net_error_name(contact.error()));
    case Contact::Kind::closed:
      return json("closed", close_reason_name(contact.reason()));
  }
  return {};
}

ordered_json book_json(const BookStory& book, Time now) {
  const bool held = book.set != BookStory::Set::none;
  ordered_json json;
  json["set"] = set_name(book.set);
  json["informant"] = book.informant ? ordered_json(book.informant->text()) : ordered_json();
  json["entered_ago_ms"] = held ? ms(now - book.entered) : ordered_json();
  json["alive_ago_ms"] = book.last_alive ? ms(now - *book.last_alive) : ordered_json();
  json["reachable"] = book.reachable;
  json["failures"] = book.failures;
  json["next_dial_in_ms"] = held ? ms(book.next_dial - now) : ordered_json();
  json["contact"] = contact_json(book, now);
  json["shunned_for_ms"] = book.shunned_until ? ms(*book.shunned_until - now) : ordered_json();
  json["at_fault"] = book.at_fault;
  return json;
}

const char* state_name(BootstrapStory::State state) {
  switch (state) {
    case BootstrapStory::State::waiting:
      return "waiting";
    case BootstrapStory::State::resolving:
      return "resolving";
    case BootstrapStory::State::dialling:
      return "dialling";
    case BootstrapStory::State::reached:
      return "reached";
    case BootstrapStory::State::own:
      return "own";
  }
  return "waiting";
}

ordered_json bootstrap_json(const std::optional<BootstrapStory>& story, Time now) {
  if (!story) return {};
  const bool waits = story->state == BootstrapStory::State::waiting;
  ordered_json json;
  json["host"] = story->host.text();
  json["state"] = state_name(story->state);
  json["failures"] = story->failures;
  json["next_try_in_ms"] = waits ? ms(story->next_try - now) : ordered_json();
  json["why"] = story->why.empty() ? ordered_json() : ordered_json(story->why);
  return json;
}

ordered_json ago(const std::optional<Time>& at, Time now) {
  return at ? ms(now - *at) : ordered_json();
}

ordered_json talk_json(const PieceTalk& talk, Time now) {
  ordered_json json;
  json["peer"] = talk.peer.text();
  json["answer"] = piece_answer_name(talk.answer);
  if (talk.asked) json["asked_ago_ms"] = ms(now - *talk.asked);
  if (talk.ended) json["ended_ago_ms"] = ms(now - *talk.ended);
  return json;
}

ordered_json missing_json(const MissingPiece& piece, Time now) {
  ordered_json json;
  json["piece"] = piece.digest.hex();
  json["node"] = piece.node;
  json["offset"] = piece.node ? ordered_json() : ordered_json(piece.offset);
  json["bytes"] = piece.node ? ordered_json() : ordered_json(piece.length);
  json["arrived"] = piece.arrived;
  json["holders"] = piece.holders;
  json["said"] = ordered_json::array();
  for (const PieceTalk& talk : piece.talks) json["said"].push_back(talk_json(talk, now));
  return json;
}

ordered_json peer_in_story_json(const PeerInStory& peer, Time now) {
  ordered_json json;
  json["endpoint"] = peer.peer.text();
  json["connected"] = peer.connected;
  json["given_bytes"] = peer.given_bytes;
  json["asked_ago_ms"] = ago(peer.asked_since, now);
  json["pieces"] = ordered_json::object();
  for (size_t i = 0; i < kPieceAnswers; ++i) {
    const auto name = std::string(piece_answer_name(static_cast<PieceAnswer>(i)));
    if (peer.pieces[i] > 0) json["pieces"][name] = peer.pieces[i];
  }
  return json;
}

}  // namespace

std::string peers_json(const NodeView& view) {
  ordered_json json = object_with_schema();
  json["peers"] = peer_list(view.status.peers, view.now - view.status.as_of, view.round_trip);
  return line_of(json);
}

std::string status_json(const NodeView& view) {
  const ConnectionCounts& counts = view.status.counts;
  ordered_json json = object_with_schema();
  json["version"] = view.version;
  json["process"] = view.process;
  json["listening"] = view.listening.text();
  json["uptime_ms"] = ms(view.uptime);
  json["piece_bytes"] = view.piece_size.bytes();
  json["pieces_held"] = view.status.pieces_held;
  json["pieces_wanted"] = view.status.pieces_wanted;
  json["book"] = book_sizes_json(view.status);
  json["dials"]["started"] = counts.dials_started;
  json["dials"]["succeeded"] = counts.dials_succeeded;
  json["dials"]["failed"] = by_net_error(counts.dials_failed);
  json["accepted"] = counts.accepted;
  json["closed"] = by_close_reason(counts.closed);
  json["ended"] = by_net_error(counts.ended);
  json["refused"] = refusals_json(view.status.refusals, view.now - view.status.as_of);
  json["peers"] = peer_list(view.status.peers, view.now - view.status.as_of, view.round_trip);
  return line_of(json);
}

std::string why_json(const EndpointStory& story, Time now, const RoundTrip& round_trip) {
  ordered_json json = object_with_schema();
  json["endpoint"] = story.endpoint.text();
  json["known"] = true;
  json["connected"] = !story.connections.empty();
  json["why"] = why_sentence(story, now);
  json["own"] = story.book.own;
  json["refused"] = story.refused;
  json["book"] = book_json(story.book, now);
  json["bootstrap"] = bootstrap_json(story.bootstrap, now);
  json["dials_under_way"] = story.dials_under_way;
  json["peers"] = peer_list(story.connections, now - story.as_of, round_trip);
  return line_of(json);
}

std::string unknown_json(const Endpoint& endpoint) {
  ordered_json json = object_with_schema();
  json["endpoint"] = endpoint.text();
  json["known"] = false;
  return line_of(json);
}

std::string content_json(const ContentStory& story, Time now) {
  ordered_json json = object_with_schema();
  json["id"] = story.root.hex();
  json["fetching"] = true;
  json["bytes_total"] = story.shape_known ? ordered_json(story.length) : ordered_json();
  json["bytes_done"] = story.done;
  json["missing"] = story.missing;
  json["asked"] = story.asked;
  json["arrived"] = story.arrived;
  json["nobody_has"] = story.nobody_has;
  json["store_waits_ms"] = story.paused_until ? ms(*story.paused_until - now) : ordered_json();
  json["peers"] = ordered_json::array();
  for (const auto& peer : story.peers) json["peers"].push_back(peer_in_story_json(peer, now));
  json["pieces"] = ordered_json::array();
  for (const auto& piece : story.pieces) json["pieces"].push_back(missing_json(piece, now));
  return line_of(json);
}

std::string unknown_content_json(const Digest& id) {
  ordered_json json = object_with_schema();
  json["id"] = id.hex();
  json["fetching"] = false;
  return line_of(json);
}

std::string error_json(std::string_view error) {
  ordered_json json = object_with_schema();
  json["error"] = error;
  return line_of(json);
}

}  // namespace p2p::app
