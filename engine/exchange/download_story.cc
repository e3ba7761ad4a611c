// The part of Downloads that tells people what is missing, and what peers said of it.
#include <algorithm>
#include <map>

#include "engine/exchange/downloads.h"

namespace p2p {

namespace {

PieceAnswer answer_of(Standing standing) {
  switch (standing) {
    case Standing::want_sent:
      return PieceAnswer::unanswered;
    case Standing::lacked:
    case Standing::refused:
      return PieceAnswer::lacks;
    case Standing::has:
      return PieceAnswer::has;
    case Standing::asked:
      return PieceAnswer::asked;
  }
  return PieceAnswer::unanswered;
}

// Asks that ended come first, the latest before the others; then what is open, what is there, what
// is not.
int rank(const PieceTalk& talk) {
  switch (talk.answer) {
    case PieceAnswer::lacked:
    case PieceAnswer::slow:
    case PieceAnswer::silent:
    case PieceAnswer::gone:
    case PieceAnswer::wrong_bytes:
      return 0;
    case PieceAnswer::coming:
      return 1;
    case PieceAnswer::asked:
      return 2;
    case PieceAnswer::has:
      return 3;
    case PieceAnswer::unanswered:
      return 4;
    case PieceAnswer::lacks:
      return 5;
  }
  return 5;
}

bool comes_first(const PieceTalk& a, const PieceTalk& b) {
  if (rank(a) != rank(b)) return rank(a) < rank(b);
  if (a.ended != b.ended) return a.ended > b.ended;
  return a.peer < b.peer;
}

void keep_the_telling(std::vector<PieceTalk>& talks, const Limits& limits) {
  std::stable_sort(talks.begin(), talks.end(), comes_first);
  const auto is_past = [](const PieceTalk& talk) { return talk.ended.has_value(); };
  const auto open = std::find_if_not(talks.begin(), talks.end(), is_past);
  const auto past = static_cast<size_t>(open - talks.begin());
  // Half of the room at most for what is over.
  const size_t past_kept = std::min(past, limits.story_talks_max / 2);
  talks.erase(talks.begin() + static_cast<std::ptrdiff_t>(past_kept), open);
  if (talks.size() > limits.story_talks_max) talks.resize(limits.story_talks_max);
}

}  // namespace

void Downloads::count(const Digest& digest, ContentStory& story) const {
  ++story.missing;
  const auto index = index_of(digest);
  if (!index) return;
  const Piece& piece = pieces_[static_cast<size_t>(*index - base_)];
  if (piece.state != State::missing) {
    ++story.arrived;
  } else if (piece.asks > 0 || piece.soft_asks > 0) {
    ++story.asked;
  } else if (piece.holders == 0) {
    ++story.nobody_has;
  }
}

void Downloads::tell(ContentStory& story) const {
  if (context_.now < paused_until_) story.paused_until = paused_until_;
  std::map<PieceIndex, MissingPiece*> told;
  for (MissingPiece& piece : story.pieces) {
    const auto index = index_of(piece.digest);
    if (!index) continue;
    const Piece& known = pieces_[static_cast<size_t>(*index - base_)];
    piece.holders = known.holders;
    piece.arrived = known.state != State::missing;
    told[*index] = &piece;
  }
  std::map<Endpoint, PeerInStory> peers;
  const auto add = [&](PieceIndex index, const PieceTalk& talk) {
    ++peers[talk.peer].pieces[static_cast<size_t>(talk.answer)];
    if (const auto found = told.find(index); found != told.end()) {
      found->second->talks.push_back(talk);
    }
  };
  for (const FailedAsk& ask : failed_asks_.asks()) {
    add(ask.index, {ask.peer, ask.answer, ask.asked, ask.ended});
  }
  for (const ConnId id : peers_) {
    const Connection& connection = *context_.connections.find(id);
    PeerInStory& peer = peers[connection.remote];
    peer.connected = true;
    peer.given_bytes += connection.given_bytes;
    for (const auto& [index, talk] : open_talks(connection)) {
      if (talk.answer == PieceAnswer::asked && talk.asked) {
        peer.asked_since = std::min(peer.asked_since.value_or(*talk.asked), *talk.asked);
      }
      add(index, talk);
    }
  }
  for (MissingPiece& piece : story.pieces) keep_the_telling(piece.talks, context_.config.limits);
  for (auto& [endpoint, peer] : peers) {
    peer.peer = endpoint;
    story.peers.push_back(peer);
  }
}

// How pieces stand with a peer that is connected.
std::vector<std::pair<PieceIndex, PieceTalk>> Downloads::open_talks(
    const Connection& connection) const {
  std::vector<std::pair<PieceIndex, PieceTalk>> talks;
  const PeerDownloads& down = connection.exchange->down;
  const auto lands = [&](PieceIndex index) {
    if (connection.landing == nullptr) return false;
    const auto landing = index_of(connection.landing_digest);
    return landing && *landing == index;
  };
  for (const auto& [index, standing] : down.pieces) {
    PieceTalk talk{connection.remote, answer_of(standing), std::nullopt, std::nullopt};
    if (standing == Standing::asked) {
      if (const auto at = down.asked_at.find(index); at != down.asked_at.end())
        talk.asked = at->second;
      if (lands(index)) talk.answer = PieceAnswer::coming;
    }
    talks.emplace_back(index, talk);
  }
  for (const auto& [digest, until] : down.legacy_lacks) {
    const auto index = index_of(digest);
    if (!index || until <= context_.now) continue;
    talks.emplace_back(*index, PieceTalk{connection.remote, PieceAnswer::lacks, {}, {}});
  }
  const auto index = down.legacy_ask ? index_of(*down.legacy_ask) : std::nullopt;
  if (index) {
    const auto answer = lands(*index) ? PieceAnswer::coming : PieceAnswer::asked;
    talks.emplace_back(*index, PieceTalk{connection.remote, answer, down.legacy_asked_at, {}});
  }
  return talks;
}

void Downloads::note_failed(const Connection& connection, PieceIndex index, PieceAnswer answer) {
  const PeerDownloads& down = connection.exchange->down;
  const auto since = down.asked_at.find(index);
  const Time asked = since == down.asked_at.end() ? down.legacy_asked_at : since->second;
  failed_asks_.add({index, connection.remote, asked, context_.now, answer});
}

}  // namespace p2p
