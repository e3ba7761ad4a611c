// The part of Downloads that acts on time: who is slow, who is silent, what is tried again.
#include <algorithm>
#include <utility>

#include "engine/exchange/downloads.h"

namespace p2p {

namespace {

// Less than this in Limits::ask_slow_after is slow: a peer that trickles holds nobody up.
constexpr size_t kSlowBytes = size_t{64} << 10;

}  // namespace

Time Downloads::next_check(const Connection& connection) const {
  if (connection.exchange == nullptr) return Time::never();
  const PeerDownloads& down = connection.exchange->down;
  Time next = std::min(down.rewant_at, down.legacy_deadline);
  if (down.open_asks > 0) next = std::min(next, down.check_at);
  return next;
}

void Downloads::check(Connection& connection) {
  if (connection.exchange == nullptr) return;
  PeerDownloads& down = connection.exchange->down;
  const Limits& limits = context_.config.limits;
  if (context_.now >= down.rewant_at) {
    down.rewant_at = Time::never();
    std::erase_if(down.pieces, [](const auto& entry) { return entry.second == Standing::refused; });
    down.next_want = down.next_node_want = base_;
    down.next_low_want = down.low_wants_end = base_;
    context_.connections.touch(connection.id);
  }
  if (context_.now >= down.legacy_deadline) {
    const uint64_t landed = down.bytes_landed - down.bytes_at_check;
    down.bytes_at_check = down.bytes_landed;
    if (connection.landing != nullptr && landed >= std::min<size_t>(piece_bytes(), kAliveBytes)) {
      down.legacy_deadline = context_.now + limits.legacy_answer;  // it is coming
    } else {
      if (const auto index = index_of(*down.legacy_ask)) {
        note_failed(connection, *index, landed > 0 ? PieceAnswer::slow : PieceAnswer::silent);
      }
      drop_landing(connection, *down.legacy_ask);
      down.legacy_lacks[*down.legacy_ask] = context_.now + limits.legacy_retry;
      end_legacy_ask(down);
      context_.connections.touch(connection.id);
    }
  }
  if (down.open_asks == 0 || context_.now < down.check_at) return;
  const uint64_t came = down.bytes_landed - down.bytes_at_check;
  down.bytes_at_check = down.bytes_landed;
  down.check_at = context_.now + limits.ask_slow_after;
  const bool was_held_back = std::exchange(connection.to_receive.was_refused, false);
  down.slow = came < std::min(piece_bytes(), kSlowBytes) && !was_held_back;
  if (was_held_back || came >= std::min<size_t>(piece_bytes(), kAliveBytes)) {
    down.last_progress = context_.now;
  }
  if (!down.slow) return;
  down.window = std::max<size_t>(down.window / 2, 2);
  if (context_.now - down.last_progress >= limits.ask_dead_after) {
    context_.connections.doom(connection, CloseReason::asks_unanswered);
    return;
  }
  give_up_asks_of_slow(connection, down, came > 0 ? PieceAnswer::slow : PieceAnswer::silent);
}

bool Downloads::someone_else_has(PieceIndex index, ConnId but) const {
  return std::any_of(peers_.begin(), peers_.end(), [&](ConnId id) {
    if (id == but) return false;
    const Connection& other = *context_.connections.find(id);
    const auto found = other.exchange->down.pieces.find(index);
    return found != other.exchange->down.pieces.end() && found->second == Standing::has;
  });
}

void Downloads::give_up_asks_of_slow(Connection& connection, PeerDownloads& down,
                                     PieceAnswer answer) {
  std::vector<PieceIndex> elsewhere;
  for (const auto& [index, standing] : down.pieces) {
    if (standing == Standing::asked && someone_else_has(index, connection.id)) {
      elsewhere.push_back(index);
    }
  }
  for (const PieceIndex index : elsewhere) {
    note_failed(connection, index, answer);
    ask_ended(down, index);
    abandon(connection, down, index);
    unreserve();
    offer_to_holders(index);
  }
}

}  // namespace p2p
