#include "engine/exchange/downloads.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/core/misdeeds.h"

namespace p2p {

namespace {

// Bytes that an unproven peer is asked for at first; its window grows by a piece with every piece.
constexpr size_t kFirstWindowBytes = size_t{64} << 10;
constexpr size_t kFirstWindowPieces = 2;
constexpr Duration kRefusedFor = Duration::seconds(30);
// An original that has answered is waited for so many times as long as its slowest answer took.
constexpr int64_t kLegacyPatienceFactor = 4;
// With a ceiling on what is received no more is asked for than comes in so many seconds: few pieces
// that are soon whole, not many that drip.
constexpr size_t kSecondsAskedFor = 5;
// What comes at a time is what the fastest that ever came would bring in this time; asked for is
// what it would bring in that. The least is for when that is not known, or little.
constexpr Duration kTimeLanding = Duration::seconds(3);
constexpr Duration kTimeAsked = Duration::seconds(12);
constexpr size_t kLeastLanding = 4;
constexpr size_t kLeastAsked = 16;
constexpr size_t kLeastBytesAsked = size_t{4} << 20;
constexpr Duration kLegacyPatienceLeast = Duration::seconds(3);

size_t receive_budget(const Limits& limits) {
  if (limits.download_rate == 0) return limits.receive_budget_bytes;
  if (limits.download_rate >= limits.receive_budget_bytes) return limits.receive_budget_bytes;
  return std::min(limits.receive_budget_bytes, limits.download_rate * kSecondsAskedFor);
}

}  // namespace

Downloads::Downloads(Context& context)
    : context_(context),
      pool_(piece_bytes(), context.config.limits.receive_budget_bytes / piece_bytes() + 2),
      budget_(std::max(receive_budget(context.config.limits), 2 * piece_bytes())),
      meter_(piece_bytes()),
      failed_asks_(context.config.limits.failed_asks_kept) {}

PeerDownloads& Downloads::of(Connection& connection) {
  if (connection.exchange == nullptr) connection.exchange = std::make_unique<PeerExchange>();
  peers_.insert(connection.id);
  PeerDownloads& down = connection.exchange->down;
  if (down.window == 0) {
    down.window = std::max(kFirstWindowPieces, kFirstWindowBytes / piece_bytes());
  }
  return down;
}

Downloads::Piece* Downloads::piece_at(PieceIndex index) {
  if (index < base_ || index - base_ >= pieces_.size()) return nullptr;
  Piece& piece = pieces_[static_cast<size_t>(index - base_)];
  return piece.state == State::finished ? nullptr : &piece;
}

std::optional<PieceIndex> Downloads::index_of(const Digest& digest) const {
  const auto found = index_of_.find(digest);
  if (found == index_of_.end()) return std::nullopt;
  return found->second;
}

bool Downloads::budget_allows() const {
  return budget_used_ + piece_bytes() <= budget_ && context_.now >= paused_until_ &&
         !enough_comes();
}

// Few pieces that are soon whole, not many that drip: as long as the link is busy with them.
bool Downloads::enough_comes() const {
  if (meter_.idles(context_.now)) return false;
  return landing_ >= pieces_in(kTimeLanding, kLeastLanding) ||
         asked_.size() >= pieces_in(kTimeAsked, kLeastAsked);
}

// How many come in so much time, at the most that ever came. `least` when little does.
size_t Downloads::pieces_in(Duration time, size_t least) const {
  least = std::max(least, kLeastBytesAsked / piece_bytes());
  const int64_t of_one = meter_.least_time(piece_bytes()).count_ns();
  return of_one == 0 ? least : std::max(least, static_cast<size_t>(time.count_ns() / of_one));
}

void Downloads::unreserve() {
  P2P_CHECK(budget_used_ >= piece_bytes());
  budget_used_ -= piece_bytes();
  for (const ConnId id : active_) context_.connections.touch(id);
  touch_idle_legacy();
}

// Originals are asked for one piece at a time, so one without an ask may take what has become free.
void Downloads::touch_idle_legacy() {
  for (const ConnId id : peers_) {
    const Connection& connection = *context_.connections.find(id);
    if (connection.legacy() && !connection.exchange->down.legacy_ask) {
      context_.connections.touch(id);
    }
  }
}

void Downloads::want(const Digest& digest, bool is_node) {
  if (!index_of_.emplace(digest, base_ + pieces_.size()).second) return;
  Piece& piece = pieces_.emplace_back();
  piece.digest = digest;
  piece.is_node = is_node;
  if (is_node) nodes_.insert(base_ + pieces_.size() - 1);
  new_wants_ = true;
}

void Downloads::unwant(const Digest& digest) {
  const auto index = index_of(digest);
  if (index) erase(*index);
}

bool Downloads::take_new_wants() { return std::exchange(new_wants_, false); }

void Downloads::pause(Time until) { paused_until_ = until; }

bool Downloads::resume_if_due() {
  if (paused_until_ > context_.now || paused_until_ == Time()) return false;
  paused_until_ = Time();
  for (const ConnId id : peers_) context_.connections.touch(id);
  return true;
}

void Downloads::on_have(Connection& connection, std::span<const Digest> digests) {
  if (connection.exchange == nullptr) return;
  PeerDownloads& down = of(connection);
  std::vector<PieceIndex> now_had;
  for (const Digest& digest : digests) {
    const auto index = index_of(digest);
    if (!index) continue;
    const auto found = down.pieces.find(*index);
    if (found == down.pieces.end()) continue;
    if (found->second != Standing::want_sent && found->second != Standing::lacked) continue;
    if (found->second == Standing::want_sent) --down.wants_open;
    now_has(down, *index, found->second);
    now_had.push_back(*index);
  }
  share_out(connection, down, now_had);
  connection.last_exchange = context_.now;
  context_.connections.touch(connection.id);
}

void Downloads::now_has(PeerDownloads& down, PieceIndex index, Standing& standing) {
  standing = Standing::has;
  ++piece_at(index)->holders;
  down.ready.push_back(index);
  down.nothing_late = down.nothing_waits = false;
}

void Downloads::on_lack(Connection& connection, std::span<const Digest> digests) {
  if (connection.exchange == nullptr) return;
  PeerDownloads& down = of(connection);
  for (const Digest& digest : digests) {
    const auto index = index_of(digest);
    if (down.abandoned.erase(digest) > 0) {
      --down.open_asks;
      // That is the answer to the cancel. It still has it.
      if (!index) continue;
      const auto [place, is_new] = down.pieces.emplace(*index, Standing::has);
      if (is_new) now_has(down, *index, place->second);
      continue;
    }
    if (!index) continue;
    const auto found = down.pieces.find(*index);
    if (found == down.pieces.end()) continue;
    if (found->second == Standing::want_sent) {
      --down.wants_open;
      found->second = Standing::lacked;
    } else if (found->second == Standing::asked) {
      if (down.recalled.contains(*index)) {
        // That is the answer to the cancel, as above. So long one waits here, at the least.
        found->second = Standing::has;
        down.wait = std::max(down.wait, context_.now - down.asked_at[*index]);
      } else {
        note_failed(connection, *index, PieceAnswer::lacked);
        found->second = Standing::refused;
        --piece_at(*index)->holders;
        down.rewant_at = std::min(down.rewant_at, context_.now + kRefusedFor);
      }
      ask_failed(down, *index);
    }
  }
  context_.connections.touch(connection.id);
}

void Downloads::on_asked_by_legacy(Connection& connection, const Digest& digest) {
  if (!is_wanted(digest)) return;
  of(connection).legacy_lacks[digest] = context_.now + context_.config.limits.legacy_retry;
}

void Downloads::ask_failed(PeerDownloads& down, PieceIndex index) {
  --down.open_asks;
  unreserve();
  ask_ended(down, index);
  offer_to_holders(index);
}

// Of an ask that was not abandoned.
void Downloads::ask_ended(PeerDownloads& down, PieceIndex index) {
  down.asked_at.erase(index);
  down.recalled.erase(index);
  Piece* const piece = piece_at(index);
  if (piece == nullptr) return;
  if (--piece->asks == 0) asked_.erase(index);
}

void Downloads::offer_to_holders(PieceIndex index) {
  const Piece* const piece = piece_at(index);
  if (piece == nullptr || piece->state != State::missing || piece->asks > 0) return;
  for (const ConnId id : peers_) {
    PeerDownloads& down = of(*context_.connections.find(id));
    const auto found = down.pieces.find(index);
    if (found == down.pieces.end() || found->second != Standing::has) continue;
    down.ready.push_back(index);
    context_.connections.touch(id);
  }
  touch_idle_legacy();
}

bool Downloads::on_payload_begin(Connection& connection, const PayloadBegin& payload) {
  const auto index = index_of(payload.digest);
  if (connection.exchange == nullptr || !index) return false;
  PeerDownloads& down = of(connection);
  const Piece* const piece = piece_at(*index);
  if (piece == nullptr || piece->state != State::missing) return false;
  const auto found = down.pieces.find(*index);
  const bool asked = found != down.pieces.end() && found->second == Standing::asked;
  if (!asked && down.legacy_ask != payload.digest) return false;
  connection.landing = pool_.take();
  connection.landing_digest = payload.digest;
  connection.landing_since = context_.now;
  connection.landing_length = payload.length;
  ++piece_at(*index)->begun;
  ++landing_;
  if (const auto since = down.asked_at.find(*index); since != down.asked_at.end()) {
    note_wait(down, context_.now - since->second);
    cancel_elsewhere(*index, connection.id);
  }
  return true;
}

// An answer has begun to come. What others have not begun is not needed of them.
void Downloads::cancel_elsewhere(PieceIndex index, ConnId but) {
  if (piece_at(index)->asks <= 1) return;
  for (const ConnId id : peers_) {
    if (id == but) continue;
    Connection& other = *context_.connections.find(id);
    const auto found = other.exchange->down.pieces.find(index);
    if (found == other.exchange->down.pieces.end() || found->second != Standing::asked) continue;
    if (other.landing != nullptr && other.landing_digest == piece_at(index)->digest) continue;
    ask_ended(other.exchange->down, index);
    abandon(other, other.exchange->down, index);
    unreserve();
  }
}

void Downloads::on_bytes_landed(Connection& connection, size_t bytes) {
  PeerDownloads& down = of(connection);
  down.bytes_landed += bytes;
  connection.last_exchange = context_.now;
}

void Downloads::on_payload_end(Connection& connection, const PayloadEnd& payload) {
  stop_landing(connection);
  auto block = std::exchange(connection.landing, nullptr);
  const auto unasked = [&] { note_misdeed(context_, connection, Misdeed::unasked_piece); };
  if (connection.exchange == nullptr) return unasked();
  PeerDownloads& down = of(connection);
  context_.connections.touch(connection.id);
  if (down.abandoned.erase(payload.digest) > 0) {
    down.last_progress = context_.now;
    --down.open_asks;
    return;
  }
  const auto index = index_of(payload.digest);
  if (!index) return unasked();
  const bool legacy = down.legacy_ask == payload.digest;
  const auto found = down.pieces.find(*index);
  const bool asked = found != down.pieces.end() && found->second == Standing::asked;
  if (!legacy && !asked) return unasked();
  down.last_progress = context_.now;
  // A piece that came within one read was not seen landing.
  down.bytes_landed += payload.length;
  Piece* const piece = piece_at(*index);
  if (payload.discarded || block == nullptr || piece->state != State::missing) {
    if (legacy) {
      end_legacy_ask(down);
    } else {
      found->second = Standing::has;
      ask_failed(down, *index);
    }
    return;
  }
  Time asked_at = down.legacy_asked_at;
  if (legacy) {
    const Duration took = context_.now - down.legacy_asked_at;
    down.legacy_patience =
        std::max({down.legacy_patience, took * kLegacyPatienceFactor, kLegacyPatienceLeast});
    down.legacy_ask.reset();
    down.legacy_deadline = Time::never();
    --legacy_asks_;
    --piece->soft_asks;
  } else {
    --down.open_asks;
    if (const auto since = down.asked_at.find(*index); since != down.asked_at.end()) {
      asked_at = since->second;
      note_pace(down, asked_at, payload.length);
    }
    ask_ended(down, *index);
    found->second = Standing::has;
  }
  // The reservation goes with the piece until it is stored.
  piece->state = State::hashing;
  asked_.erase(*index);
  ++arrived_;
  const OpId op = context_.new_op();
  const Slice bytes(std::move(block), 0, payload.length);
  hashing_[op] = Hashing{*index, payload.digest, connection.id, bytes, connection.remote, asked_at};
  context_.emit(HashPiece{op, bytes, piece_bytes() - payload.length});
}

std::optional<VerifiedPiece> Downloads::on_hashed(OpId op, const Digest& digest) {
  const auto found = hashing_.find(op);
  if (found == hashing_.end()) return std::nullopt;
  const Hashing done = std::move(found->second);
  hashing_.erase(found);
  Piece* const piece = piece_at(done.index);
  if (digest != done.expected) {
    failed_asks_.add({done.index, done.giver, done.asked, context_.now, PieceAnswer::wrong_bytes});
    if (Connection* const sender = context_.connections.find(done.from)) {
      context_.connections.doom(*sender, CloseReason::bad_piece, done.expected.hex().substr(0, 16));
      if (sender->exchange != nullptr && sender->exchange->down.pieces.erase(done.index) > 0 &&
          piece != nullptr) {
        --piece->holders;
      }
    }
    unreserve();
    if (piece != nullptr) {
      missing_again(done.index);
      offer_to_holders(done.index);
    }
    return std::nullopt;
  }
  if (Connection* const giver = context_.connections.find(done.from)) {
    giver->given_bytes += done.bytes.size();
  }
  if (piece == nullptr) {  // no longer wanted
    unreserve();
    return std::nullopt;
  }
  piece->state = State::storing;
  return VerifiedPiece{digest, done.bytes};
}

void Downloads::on_stored(const Digest& digest, bool ok) {
  unreserve();
  const auto index = index_of(digest);
  if (!index) return;
  if (ok) {
    erase(*index);
    return;
  }
  missing_again(*index);
  offer_to_holders(*index);
}

void Downloads::missing_again(PieceIndex index) {
  Piece& piece = *piece_at(index);
  piece.state = State::missing;
  --arrived_;
  if (piece.asks > 0) asked_.insert(index);
}

void Downloads::abandon(Connection& connection, PeerDownloads& down, PieceIndex index) {
  Piece& piece = pieces_[static_cast<size_t>(index - base_)];
  down.abandoned.insert(piece.digest);
  down.pieces.erase(index);
  --piece.holders;
  connection.outbox.add_digests(FrameType::cancel, std::span(&piece.digest, 1));
  drop_landing(connection, piece.digest);
  context_.connections.touch(connection.id);
}

void Downloads::drop_landing(Connection& connection, const Digest& digest) {
  if (connection.landing == nullptr || connection.landing_digest != digest) return;
  connection.decoder.abandon_payload();
  stop_landing(connection);
  connection.landing.reset();
}

// Before connection.landing goes.
void Downloads::stop_landing(Connection& connection) {
  if (connection.landing == nullptr) return;
  --landing_;
  const auto index = index_of(connection.landing_digest);
  if (index) --piece_at(*index)->begun;
}

void Downloads::erase(PieceIndex index) {
  Piece& piece = *piece_at(index);
  for (const ConnId id : peers_) {
    Connection& connection = *context_.connections.find(id);
    PeerDownloads& down = of(connection);
    if (down.legacy_ask == piece.digest) {
      end_legacy_ask(down);
      drop_landing(connection, piece.digest);
    }
    down.legacy_lacks.erase(piece.digest);
    const auto found = down.pieces.find(index);
    if (found == down.pieces.end()) continue;
    context_.connections.touch(id);
    const Standing standing = found->second;
    if (standing == Standing::asked) {
      down.asked_at.erase(index);
      down.recalled.erase(index);
      abandon(connection, down, index);
      unreserve();
      continue;
    }
    down.pieces.erase(found);
    if (standing == Standing::want_sent) --down.wants_open;
    if (standing == Standing::want_sent || standing == Standing::lacked) {
      connection.outbox.add_digests(FrameType::cancel, std::span(&piece.digest, 1));
    }
  }
  asked_.erase(index);
  nodes_.erase(index);
  if (piece.state != State::missing) --arrived_;
  index_of_.erase(piece.digest);
  piece.state = State::finished;
  while (!pieces_.empty() && pieces_.front().state == State::finished) {
    pieces_.pop_front();
    ++base_;
  }
  if (pieces_.empty()) pool_.trim();
}

void Downloads::on_gone(Connection& connection) {
  if (connection.exchange == nullptr || peers_.erase(connection.id) == 0) return;
  active_.erase(connection.id);
  PeerDownloads& down = connection.exchange->down;
  const bool silent =
      connection.doom == CloseReason::asks_unanswered || connection.doom == CloseReason::silent;
  const auto why = silent ? PieceAnswer::silent : PieceAnswer::gone;
  const auto legacy = down.legacy_ask ? index_of(*down.legacy_ask) : std::nullopt;
  if (legacy) note_failed(connection, *legacy, why);
  end_legacy_ask(down);
  stop_landing(connection);
  connection.landing.reset();
  const auto pieces = std::exchange(down.pieces, {});
  for (const auto& [index, standing] : pieces) {
    Piece* const piece = piece_at(index);
    if (piece != nullptr && (standing == Standing::has || standing == Standing::asked)) {
      --piece->holders;
    }
    if (standing != Standing::asked) continue;
    note_failed(connection, index, why);
    ask_failed(down, index);
  }
}

}  // namespace p2p
