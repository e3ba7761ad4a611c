// The part of Downloads that talks: wants, asks, and the one ask at a time of a legacy peer.
#include <algorithm>
#include <utility>

#include "engine/exchange/downloads.h"

namespace p2p {

namespace {

constexpr Duration kTurnWindowEvery = Duration::seconds(5);
// How many pieces are looked at for the one that a legacy peer is asked for next.
constexpr size_t kLegacyLookAt = 4096;

}  // namespace

void Downloads::pump(Connection& connection) {
  if (!connection.open() || !connection.identified()) return;
  if (index_of_.empty() && connection.exchange == nullptr) return;
  PeerDownloads& down = of(connection);
  if (connection.extended()) {
    send_wants(connection, down);
    send_asks(connection, down);
  } else {
    ask_legacy(connection, down);
  }
  set_active(connection, down);
}

void Downloads::set_active(Connection& connection, const PeerDownloads& down) {
  if (down.open_asks > 0 || !down.ready.empty()) {
    active_.insert(connection.id);
  } else {
    active_.erase(connection.id);
  }
}

void Downloads::send_wants(Connection& connection, PeerDownloads& down) {
  const size_t window = context_.config.limits.wants_per_peer_max;
  if (down.pieces.size() >= window) turn_window(connection, down);
  down.next_want = std::max(down.next_want, base_);
  std::vector<Digest> wanted;
  while (down.next_want < base_ + pieces_.size() && down.pieces.size() < window &&
         connection.outbox.control_pending() < context_.config.limits.control_ahead_bytes) {
    const PieceIndex index = down.next_want++;
    const Piece* const piece = piece_at(index);
    if (piece == nullptr || down.abandoned.contains(piece->digest)) continue;
    if (!down.pieces.emplace(index, Standing::want_sent).second) continue;
    wanted.push_back(piece->digest);
  }
  connection.outbox.add_digests(FrameType::want, wanted);
  // At the end with room left, and pieces that were passed over or given up: round again.
  const bool at_end = down.next_want >= base_ + pieces_.size();
  if (at_end && down.pieces.size() < std::min(window, index_of_.size())) {
    down.rewant_at = std::min(down.rewant_at, context_.now + kTurnWindowEvery);
  }
}

// A window full of pieces that this peer hasn't got says nothing about the others: half of it moves
// on, and comes round again later.
void Downloads::turn_window(Connection& connection, PeerDownloads& down) {
  if (context_.now < down.turn_window_at) return;
  const bool useless = std::all_of(down.pieces.begin(), down.pieces.end(), [](const auto& entry) {
    return entry.second == Standing::lacked || entry.second == Standing::refused;
  });
  if (!useless) return;
  down.turn_window_at = context_.now + kTurnWindowEvery;
  std::vector<Digest> cancelled;
  const size_t half = down.pieces.size() / 2;
  while (down.pieces.size() > half) {
    const auto first = down.pieces.begin();
    if (first->second == Standing::lacked) cancelled.push_back(piece_at(first->first)->digest);
    down.pieces.erase(first);
  }
  connection.outbox.add_digests(FrameType::cancel, cancelled);
}

size_t Downloads::asks_allowed(const PeerDownloads& down) const {
  const Limits& limits = context_.config.limits;
  const size_t by_protocol = std::min(
      limits.asks_per_peer_max, std::max<size_t>(limits.ask_bytes_per_peer_max / piece_bytes(), 2));
  const size_t share = budget_ / piece_bytes() / std::max<size_t>(active_.size(), 1);
  const size_t window = down.slow ? std::min<size_t>(down.window, 2) : down.window;
  return std::min({by_protocol, window, std::max<size_t>(share, 2)});
}

void Downloads::send_asks(Connection& connection, PeerDownloads& down) {
  while (down.open_asks < asks_allowed(down) && budget_allows()) {
    const auto index = take_ready(down);
    if (!index) return;
    ask(connection, down, *index);
  }
}

// At random among what this peer has and nobody was asked for, so that those who fetch the same
// content soon have different pieces to give to each other.
std::optional<PieceIndex> Downloads::take_ready(PeerDownloads& down) {
  while (!down.ready.empty()) {
    const auto at = static_cast<size_t>(context_.random.below(down.ready.size()));
    const PieceIndex index = down.ready[at];
    down.ready[at] = down.ready.back();
    down.ready.pop_back();
    const Piece* const piece = piece_at(index);
    if (piece == nullptr || piece->state != State::missing || piece->asks > 0) continue;
    const auto found = down.pieces.find(index);
    if (found == down.pieces.end() || found->second != Standing::has) continue;
    return index;
  }
  return std::nullopt;
}

void Downloads::ask(Connection& connection, PeerDownloads& down, PieceIndex index) {
  Piece& piece = *piece_at(index);
  connection.outbox.add(AskMessage{piece.digest});
  connection.last_exchange = context_.now;
  down.pieces[index] = Standing::asked;
  ++piece.asks;
  reserve();
  if (down.open_asks++ == 0) {
    down.check_at = context_.now + context_.config.limits.ask_slow_after;
    down.bytes_at_check = down.bytes_landed;
    down.last_progress = context_.now;
  }
}

void Downloads::ask_legacy(Connection& connection, PeerDownloads& down) {
  if (down.legacy_ask || !budget_allows()) return;
  // Whoever claims nothing and may never answer can't take the budget from those who do.
  const size_t half = std::max<size_t>(budget_ / piece_bytes() / 2, 1);
  if (legacy_asks_ >= half) return;
  std::erase_if(down.legacy_lacks, [&](const auto& entry) { return entry.second <= context_.now; });
  const auto index = choose_for_legacy(down);
  if (!index) {
    // Nothing now; what it lacked may be asked again when the first of that has expired.
    Time again = Time::never();
    for (const auto& [digest, until] : down.legacy_lacks) again = std::min(again, until);
    down.rewant_at = index_of_.empty() ? Time::never() : again;
    return;
  }
  Piece& piece = *piece_at(*index);
  connection.outbox.add(AskMessage{piece.digest});
  connection.last_exchange = context_.now;
  ++piece.soft_asks;
  ++legacy_asks_;
  reserve();
  down.bytes_at_check = down.bytes_landed;
  down.legacy_ask = piece.digest;
  down.legacy_asked_at = context_.now;
  const Duration patience =
      down.legacy_patience == Duration()
          ? context_.config.limits.legacy_answer
          : std::min(down.legacy_patience, context_.config.limits.legacy_answer);
  down.legacy_deadline = context_.now + patience;
}

// From a random place on, the first piece that is missing, not lacked, and asked of nobody; else
// the first that other legacy peers were asked for.
std::optional<PieceIndex> Downloads::choose_for_legacy(PeerDownloads& down) {
  if (pieces_.empty()) return std::nullopt;
  const size_t start = static_cast<size_t>(context_.random.below(pieces_.size()));
  std::optional<PieceIndex> second_best;
  for (size_t i = 0; i < std::min(pieces_.size(), kLegacyLookAt); ++i) {
    const size_t at = (start + i) % pieces_.size();
    const Piece& piece = pieces_[at];
    if (piece.state != State::missing || piece.asks > 0) continue;
    if (down.legacy_lacks.contains(piece.digest)) continue;
    if (piece.soft_asks == 0) return base_ + at;
    if (!second_best) second_best = base_ + at;
  }
  return second_best;
}

void Downloads::end_legacy_ask(PeerDownloads& down) {
  if (!down.legacy_ask) return;
  const auto index = index_of(*down.legacy_ask);
  if (index) --piece_at(*index)->soft_asks;
  --legacy_asks_;
  down.legacy_ask.reset();
  down.legacy_deadline = Time::never();
  unreserve();
}

}  // namespace p2p
