// The part of Downloads that talks: wants, asks, and the one ask at a time of a legacy peer.
#include <algorithm>
#include <utility>

#include "engine/exchange/average.h"
#include "engine/exchange/downloads.h"

namespace p2p {

namespace {

constexpr Duration kTurnWindowEvery = Duration::seconds(5);
// So many pieces that a peer has are enough to choose from; of small ones, so many bytes.
constexpr size_t kKnownLeast = 64;
constexpr size_t kKnownBytes = size_t{4} << 20;
// How many pieces are looked at for the one that a legacy peer is asked for next.
constexpr size_t kLegacyLookAt = 4096;
// And a peer that says what it has: all of them, unless they are small and many.
constexpr size_t kReadyLookedAt = 256;
constexpr size_t kAskedLookedAt = 64;
// Asks of one piece that may be open at once.
constexpr uint32_t kAsksOfOne = 3;
// A piece whose answer has begun is asked for again of a peer that would need less than one part in
// so many of the time.
constexpr int64_t kMuchSooner = 2;
// A peer from which a piece can be expected in this time gives soon.
constexpr Duration kSoon = Duration::seconds(2);
// How often what is open is looked at again when there is nothing else to ask for.
constexpr Duration kLookAgain = Duration::milliseconds(50);
// An ask waits long if it waits so much longer than it would with another peer, and no shorter than
// this. Of whoever answers sooner there is no need to look for a better one.
constexpr Duration kLeastWait = Duration::milliseconds(100);
// What was asked for so long ago may be asked for twice. Until then it is asked to be given back:
// that costs a round trip, and a piece that comes twice costs its bytes.
constexpr Duration kLate = Duration::seconds(2);
// What a piece is taken to need of a peer that has given none yet.
constexpr Duration kPaceAtFirst = Duration::milliseconds(200);
// What of a peer's pace is asked for ahead, beyond the time that an answer takes: it loads the next
// piece in it, and messages are late now and then.
constexpr Duration kAskAhead = Duration::milliseconds(50);

}  // namespace

void Downloads::pump(Connection& connection) {
  if (!connection.open() || !connection.identified()) return;
  if (index_of_.empty() && connection.exchange == nullptr) return;
  PeerDownloads& down = of(connection);
  if (connection.extended()) {
    send_wants(connection, down);
    send_asks(connection, down);
    // What was known has been asked for, or has come from others.
    send_wants(connection, down);
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

// Of what a peer has only so much is asked about as may be asked for soon: whoever has all would
// else tell everybody of everything before it gives the first piece.
size_t Downloads::known_enough() const {
  return std::max(kKnownLeast, kKnownBytes / piece_bytes());
}

std::optional<PieceIndex> Downloads::next_node_to_want(PeerDownloads& down) const {
  const auto node = nodes_.lower_bound(down.next_node_want);
  if (node == nodes_.end()) return std::nullopt;
  down.next_node_want = *node + 1;
  return *node;
}

// If they are not all asked about at once, then each peer about others first: they tell and ask
// each other for different ones.
std::optional<PieceIndex> Downloads::next_to_want(PeerDownloads& down) {
  const PieceIndex end = base_ + pieces_.size();
  down.next_want = std::max(down.next_want, base_);
  down.next_low_want = std::max(down.next_low_want, base_);
  const bool low_left = down.next_low_want < down.low_wants_end;
  if (!low_left && down.next_want + known_enough() < end) {
    down.next_low_want = down.next_want;
    down.next_want += context_.random.below(end - down.next_want);
    down.low_wants_end = down.next_want;
  }
  if (down.next_want < end) return down.next_want++;
  if (down.next_low_want < down.low_wants_end) return down.next_low_want++;
  return std::nullopt;
}

void Downloads::send_wants(Connection& connection, PeerDownloads& down) {
  const Limits& limits = context_.config.limits;
  if (down.pieces.size() >= limits.wants_per_peer_max) turn_window(connection, down);
  const size_t enough = known_enough();
  const bool more = down.wants_open + down.ready.size() <= enough / 2;
  std::vector<Digest> wanted;
  while (down.pieces.size() < limits.wants_per_peer_max &&
         connection.outbox.control_pending() < limits.control_ahead_bytes) {
    auto next = next_node_to_want(down);
    if (!next && more && down.wants_open + down.ready.size() < enough) next = next_to_want(down);
    if (!next) break;
    const Piece* const piece = piece_at(*next);
    if (piece == nullptr || down.abandoned.contains(piece->digest)) continue;
    if (!down.pieces.emplace(*next, Standing::want_sent).second) continue;
    ++down.wants_open;
    wanted.push_back(piece->digest);
  }
  connection.outbox.add_digests(FrameType::want, wanted);
  // At the end with room left, and pieces that were passed over or given up: round again.
  const bool at_end =
      down.next_want >= base_ + pieces_.size() && down.next_low_want >= down.low_wants_end;
  if (at_end && down.pieces.size() < std::min(limits.wants_per_peer_max, index_of_.size())) {
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
  // What was called back is as good as answered, but not by a peer that has given nothing yet: for
  // each ask that it keeps it would get another.
  const size_t called_back = down.pace == Duration() ? 0 : down.abandoned.size();
  const size_t window = (down.slow ? std::min<size_t>(down.window, 2) : down.window) + called_back;
  return std::min({by_protocol, window, std::max<size_t>(share, 2)});
}

void Downloads::send_asks(Connection& connection, PeerDownloads& down) {
  while (down.open_asks < asks_allowed(down)) {
    if (!budget_allows()) break;
    if (const auto ready = take_ready(down)) {
      Connection& holder = soonest_holder(*ready, connection);
      if (piece_at(*ready)->holders > 1 && !budget_allows(holder.exchange->down)) {
        down.ready.push_back(*ready);
        break;
      }
      ask(holder, holder.exchange->down, *ready);
      if (&holder != &connection) set_active(holder, holder.exchange->down);
      continue;
    }
    const auto late = take_late(down);
    if (!late) break;
    ask(connection, down, *late);
  }
  if (down.open_asks < asks_allowed(down)) recall_what_waits(connection, down);
}

// How long a further ask of this peer waits, as far as can be known. Of one that has answered
// nothing yet no less than it has already kept what was asked of it: or whoever never gives would
// seem to give soonest when others have much to give.
Duration Downloads::expected(const PeerDownloads& down) const {
  const Duration pace = down.pace == Duration() ? kPaceAtFirst : down.pace;
  const bool keeps = down.answer_time == Duration() && down.open_asks > 0;
  const Duration kept = keeps ? context_.now - down.last_progress : Duration();
  return std::max(down.wait, kept) + pace * static_cast<int64_t>(down.open_asks);
}

// What is asked of those who give late may take half of the budget: otherwise it would all be
// waiting for them before long, and nothing be asked of those who give soon.
bool Downloads::budget_allows(const PeerDownloads& down) const {
  if (!budget_allows()) return false;
  return expected(down) <= kSoon || budget_used_ + piece_bytes() <= budget_ / 2;
}

// Whoever says first that it has a piece is not who gives it first: everybody asks it. Of those who
// may be asked for one more, the one that is expected to give it soonest; one at random of several.
Connection& Downloads::soonest_holder(PieceIndex index, Connection& at_hand) {
  Connection* best = &at_hand;
  Duration least = expected(at_hand.exchange->down);
  if (piece_at(index)->holders <= 1 || least < kLeastWait) return at_hand;
  uint64_t alike = 1;
  for (const ConnId id : peers_) {
    Connection& other = *context_.connections.find(id);
    if (&other == &at_hand || !other.open() || !other.extended()) continue;
    const PeerDownloads& down = other.exchange->down;
    const Duration wait = expected(down);
    if (wait > least || down.open_asks >= asks_allowed(down)) continue;
    const auto found = down.pieces.find(index);
    if (found == down.pieces.end() || found->second != Standing::has) continue;
    if (wait < least) alike = 0;
    least = wait;
    if (context_.random.below(++alike) == 0) best = &other;
  }
  return *best;
}

// What others keep waiting for is taken back from them, as this peer has it too: when they have
// agreed, it is asked of whoever is free. A piece that is on its way is not lost by that, and none
// comes twice.
void Downloads::recall_what_waits(Connection& connection, PeerDownloads& down) {
  if (asked_.empty() || down.nothing_waits) return;
  look_again_later();
  size_t room = asks_allowed(down) - down.open_asks;
  size_t looked_at = 0;
  for (const PieceIndex index : asked_) {
    if (room == 0) return;
    if (++looked_at > kAskedLookedAt) break;
    const Piece& piece = *piece_at(index);
    if (piece.asks != 1 || piece.begun > 0 || !waits_long(piece, down)) continue;
    const auto found = down.pieces.find(index);
    if (found == down.pieces.end() || found->second != Standing::has) continue;
    if (recall(index, connection.id)) --room;
  }
  down.nothing_waits = true;
}

// Everybody asks whoever is first to have a piece, and waits there. When one more has it, what
// waits is taken back for it with the chance of one in as many as have it then: so those who want
// it come to be spread over them. No more than may be asked of it.
void Downloads::share_out(const Connection& connection, const PeerDownloads& down,
                          std::span<const PieceIndex> now_had) {
  size_t room = asks_allowed(down) - std::min(asks_allowed(down), down.open_asks);
  for (const PieceIndex index : now_had) {
    if (room == 0 || !budget_allows(down)) return;
    const Piece& piece = *piece_at(index);
    if (piece.is_node || piece.asks != 1 || piece.begun > 0) continue;
    if (context_.random.below(piece.holders) > 0) continue;
    if (recall(index, connection.id)) --room;
  }
}

bool Downloads::recall(PieceIndex index, ConnId but) {
  for (const ConnId id : peers_) {
    if (id == but) continue;
    Connection& other = *context_.connections.find(id);
    PeerDownloads& down = other.exchange->down;
    const auto found = down.pieces.find(index);
    if (found == down.pieces.end() || found->second != Standing::asked) continue;
    if (!down.recalled.insert(index).second) return false;
    other.outbox.add_digests(FrameType::cancel, std::span(&piece_at(index)->digest, 1));
    piece_at(index)->recalled_at = context_.now;
    context_.connections.touch(id);
    return true;
  }
  return false;
}

// Of what this peer has and nobody was asked for, nodes first, then what the fewest have; one at
// random of several, so that those who fetch the same content soon have different pieces to give to
// each other.
std::optional<PieceIndex> Downloads::take_ready(PeerDownloads& down) {
  std::optional<size_t> best;
  uint32_t fewest = 0;
  uint64_t alike = 0;
  const auto start = down.ready.size() <= kReadyLookedAt
                         ? size_t{0}
                         : static_cast<size_t>(context_.random.below(down.ready.size()));
  size_t at = start;
  for (size_t looked_at = 0; looked_at < kReadyLookedAt && !down.ready.empty(); ++looked_at) {
    if (at >= down.ready.size()) {
      if (start == 0) break;
      at = 0;
    }
    const PieceIndex index = down.ready[at];
    const Piece* const piece = piece_at(index);
    const bool open = piece != nullptr && piece->state == State::missing && piece->asks == 0;
    const auto found = open ? down.pieces.find(index) : down.pieces.end();
    if (found == down.pieces.end() || found->second != Standing::has) {
      if (best == down.ready.size() - 1) best = at;  // the last one moves here
      down.ready[at] = down.ready.back();
      down.ready.pop_back();
      continue;
    }
    const uint32_t rank = piece->is_node ? 0 : piece->holders;
    if (!best || rank < fewest) {
      fewest = rank;
      alike = 0;
    }
    if (rank == fewest && context_.random.below(++alike) == 0) best = at;
    ++at;
  }
  if (!best) return std::nullopt;
  const PieceIndex index = down.ready[*best];
  down.ready[*best] = down.ready.back();
  down.ready.pop_back();
  return index;
}

// The endgame: when all that is wanted was asked for, what others keep waiting for, though they
// were asked to give it back, is asked of this peer too. Before that it would cost more than it
// gains: a cancel that crosses the piece comes too late.
std::optional<PieceIndex> Downloads::take_late(PeerDownloads& down) {
  if (asked_.empty() || down.nothing_late) return std::nullopt;
  if (!all_asked()) return std::nullopt;
  look_again_later();
  const PieceIndex first = *asked_.begin();
  auto it = asked_.lower_bound(first + context_.random.below(*asked_.rbegin() - first + 1));
  std::optional<PieceIndex> late;
  for (size_t i = 0; i < std::min(asked_.size(), kAskedLookedAt); ++i) {
    if (it == asked_.end()) it = asked_.begin();
    const PieceIndex index = *it++;
    const auto found = down.pieces.find(index);
    if (found == down.pieces.end() || found->second != Standing::has) continue;
    const Piece& piece = *piece_at(index);
    if (context_.now - std::max(piece.asked_at, piece.recalled_at) < kLate) continue;
    if (piece.asks >= kAsksOfOne) continue;
    if (piece.begun == 0 && waits_long(piece, down)) return index;
    if (!late && piece.begun > 0 && comes_late(index, down)) late = index;
  }
  down.nothing_late = !late;
  return late;
}

// Longer than it would with this peer. Of a node, which is little and others wait for, longer than
// it need.
bool Downloads::waits_long(const Piece& piece, const PeerDownloads& down) const {
  const Duration here = piece.is_node ? down.wait : expected(down);
  return context_.now - piece.asked_at > std::max(here * kMuchSooner, kLeastWait);
}

// Whether a piece that has begun to come would come much sooner from this peer than from any that
// gives it. Where nothing is known of this one, whether it only drips from all of them: the link
// may be a slow one.
bool Downloads::comes_late(PieceIndex index, const PeerDownloads& down) const {
  const Duration in_time = (down.pace + down.answer_time) * kMuchSooner;
  bool begun = false;
  for (const ConnId id : peers_) {
    const Connection& giver = *context_.connections.find(id);
    if (giver.landing == nullptr || index_of(giver.landing_digest) != index) continue;
    const bool late = down.pace == Duration() ? drips(giver) : yet_to_come(giver) > in_time;
    if (!late) return false;
    begun = true;
  }
  return begun;
}

// What the rest of a piece needs if it comes as it came.
Duration Downloads::yet_to_come(const Connection& giver) const {
  const auto left = static_cast<int64_t>(giver.decoder.payload_window().size());
  const auto came = static_cast<int64_t>(giver.landing_length) - left;
  const Duration took = context_.now - giver.landing_since;
  return came <= 0 ? took : Duration::microseconds(took.count_ns() / 1000 * left / came);
}

bool Downloads::drips(const Connection& giver) const {
  const auto left = static_cast<int64_t>(giver.decoder.payload_window().size());
  const auto came = static_cast<int64_t>(giver.landing_length) - left;
  const Duration took = context_.now - giver.landing_since;
  const int64_t slow_after_us = context_.config.limits.ask_slow_after.count_ns() / 1000;
  return took >= kLate && came * slow_after_us < kAliveBytes * (took.count_ns() / 1000);
}

void Downloads::look_again_later() {
  if (look_at_.is_never()) look_at_ = context_.now + kLookAgain;
}

void Downloads::look_if_due() {
  if (context_.now < look_at_) return;
  look_at_ = Time::never();
  for (const ConnId id : peers_) {
    PeerDownloads& down = context_.connections.find(id)->exchange->down;
    down.nothing_late = down.nothing_waits = false;
    context_.connections.touch(id);
  }
}

// The answer to an ask has begun to come.
void Downloads::note_wait(PeerDownloads& down, Duration wait) {
  down.wait = wait;
  down.answer_time = down.answer_time == Duration() ? wait : std::min(down.answer_time, wait);
}

// A piece has come, after all that was asked before it: as many are asked for as come in the time
// that an answer takes, and one more.
void Downloads::note_pace(PeerDownloads& down, Time asked_at, size_t bytes) {
  const Time waited_from = std::max(asked_at + down.answer_time, down.last_came);
  const Duration took = std::max(context_.now - waited_from, Duration::nanoseconds(1));
  // Little of a piece says nothing of what a whole one takes.
  if (bytes * 2 >= piece_bytes()) down.pace = averaged(down.pace, took);
  down.nothing_late = down.nothing_waits = false;
  down.last_came = context_.now;
  const int64_t ahead =
      (down.answer_time + kAskAhead).count_ns() / std::max<int64_t>(down.pace.count_ns(), 1);
  const auto good = static_cast<size_t>(
      std::min<int64_t>(ahead, static_cast<int64_t>(context_.config.limits.asks_per_peer_max)));
  down.window = std::min(down.window + 1, good + 2);
}

void Downloads::ask(Connection& connection, PeerDownloads& down, PieceIndex index) {
  Piece& piece = *piece_at(index);
  connection.outbox.add(AskMessage{piece.digest});
  connection.last_exchange = context_.now;
  down.pieces[index] = Standing::asked;
  down.asked_at[index] = context_.now;
  ++piece.asks;
  piece.asked_at = context_.now;
  asked_.insert(index);
  if (all_asked()) look_again_later();
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
