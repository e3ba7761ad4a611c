#include "engine/exchange/downloads.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/core/misdeeds.h"

namespace p2p {

namespace {

// Bytes that an unproven peer is asked for at first; its window grows by a piece with every piece.
constexpr size_t kFirstWindowBytes = size_t{512} << 10;
constexpr size_t kFirstWindowPieces = 4;
// Less than this in Limits::ask_slow_after is slow: a peer that trickles holds nobody up.
constexpr size_t kSlowBytes = size_t{64} << 10;
// Less than this is no progress at all.
constexpr size_t kAliveBytes = size_t{8} << 10;
constexpr Duration kRefusedFor = Duration::seconds(30);
// An original that has answered is waited for so many times as long as its slowest answer took.
constexpr int64_t kLegacyPatienceFactor = 4;
constexpr Duration kLegacyPatienceLeast = Duration::seconds(3);

}  // namespace

Downloads::Downloads(Context& context)
    : context_(context),
      pool_(piece_bytes(), context.config.limits.receive_budget_bytes / piece_bytes() + 2),
      budget_(std::max(context.config.limits.receive_budget_bytes, 2 * piece_bytes())) {}

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
  return budget_used_ + piece_bytes() <= budget_ && context_.now >= paused_until_;
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

void Downloads::want(const Digest& digest) {
  if (!index_of_.emplace(digest, base_ + pieces_.size()).second) return;
  pieces_.push_back(Piece{digest});
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
  for (const Digest& digest : digests) {
    const auto index = index_of(digest);
    if (!index) continue;
    const auto found = down.pieces.find(*index);
    if (found == down.pieces.end()) continue;
    if (found->second != Standing::want_sent && found->second != Standing::lacked) continue;
    found->second = Standing::has;
    down.ready.push_back(*index);
  }
  connection.last_exchange = context_.now;
  context_.connections.touch(connection.id);
}

void Downloads::on_lack(Connection& connection, std::span<const Digest> digests) {
  if (connection.exchange == nullptr) return;
  PeerDownloads& down = of(connection);
  for (const Digest& digest : digests) {
    const auto index = index_of(digest);
    if (down.abandoned.erase(digest) > 0) {
      --down.open_asks;
      continue;
    }
    if (!index) continue;
    const auto found = down.pieces.find(*index);
    if (found == down.pieces.end()) continue;
    if (found->second == Standing::want_sent) {
      found->second = Standing::lacked;
    } else if (found->second == Standing::asked) {
      found->second = Standing::refused;
      down.rewant_at = std::min(down.rewant_at, context_.now + kRefusedFor);
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
  Piece* const piece = piece_at(index);
  if (piece == nullptr) return;
  --piece->asks;
  offer_to_holders(index);
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
  return true;
}

void Downloads::on_bytes_landed(Connection& connection, size_t bytes) {
  PeerDownloads& down = of(connection);
  down.bytes_landed += bytes;
  connection.last_exchange = context_.now;
}

void Downloads::on_payload_end(Connection& connection, const PayloadEnd& payload) {
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
    --piece->asks;
    found->second = Standing::has;
    ++down.window;
  }
  // The reservation goes with the piece until it is stored.
  piece->state = State::hashing;
  const OpId op = context_.new_op();
  const Slice bytes(std::move(block), 0, payload.length);
  hashing_[op] = Hashing{*index, payload.digest, connection.id, bytes};
  context_.emit(HashPiece{op, bytes, piece_bytes() - payload.length});
}

std::optional<VerifiedPiece> Downloads::on_hashed(OpId op, const Digest& digest) {
  const auto found = hashing_.find(op);
  if (found == hashing_.end()) return std::nullopt;
  const Hashing done = std::move(found->second);
  hashing_.erase(found);
  Piece* const piece = piece_at(done.index);
  if (digest != done.expected) {
    if (Connection* const sender = context_.connections.find(done.from)) {
      context_.connections.doom(*sender, CloseReason::bad_piece, done.expected.hex().substr(0, 16));
      if (sender->exchange != nullptr) sender->exchange->down.pieces.erase(done.index);
    }
    unreserve();
    if (piece != nullptr) {
      piece->state = State::missing;
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
  piece_at(*index)->state = State::missing;
  offer_to_holders(*index);
}

void Downloads::abandon(Connection& connection, PeerDownloads& down, PieceIndex index) {
  const Piece& piece = pieces_[static_cast<size_t>(index - base_)];
  down.abandoned.insert(piece.digest);
  down.pieces.erase(index);
  connection.outbox.add_digests(FrameType::cancel, std::span(&piece.digest, 1));
  drop_landing(connection, piece.digest);
  context_.connections.touch(connection.id);
}

void Downloads::drop_landing(Connection& connection, const Digest& digest) {
  if (connection.landing == nullptr || connection.landing_digest != digest) return;
  connection.decoder.abandon_payload();
  connection.landing.reset();
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
      abandon(connection, down, index);
      unreserve();
      continue;
    }
    down.pieces.erase(found);
    if (standing == Standing::want_sent || standing == Standing::lacked) {
      connection.outbox.add_digests(FrameType::cancel, std::span(&piece.digest, 1));
    }
  }
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
  end_legacy_ask(down);
  connection.landing.reset();
  const auto pieces = std::exchange(down.pieces, {});
  for (const auto& [index, standing] : pieces) {
    if (standing == Standing::asked) ask_failed(down, index);
  }
}

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
    down.next_want = base_;
    context_.connections.touch(connection.id);
  }
  if (context_.now >= down.legacy_deadline) {
    const uint64_t landed = down.bytes_landed - down.bytes_at_check;
    down.bytes_at_check = down.bytes_landed;
    if (connection.landing != nullptr && landed >= std::min(piece_bytes(), kAliveBytes)) {
      down.legacy_deadline = context_.now + limits.legacy_answer;  // it is coming
    } else {
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
  down.slow = came < std::min(piece_bytes(), kSlowBytes);
  if (came >= std::min(piece_bytes(), kAliveBytes)) down.last_progress = context_.now;
  if (!down.slow) return;
  down.window = std::max<size_t>(down.window / 2, 2);
  if (context_.now - down.last_progress >= limits.ask_dead_after) {
    context_.connections.doom(connection, CloseReason::asks_unanswered);
    return;
  }
  give_up_asks_of_slow(connection, down);
}

bool Downloads::someone_else_has(PieceIndex index, ConnId but) const {
  return std::any_of(peers_.begin(), peers_.end(), [&](ConnId id) {
    if (id == but) return false;
    const Connection& other = *context_.connections.find(id);
    const auto found = other.exchange->down.pieces.find(index);
    return found != other.exchange->down.pieces.end() && found->second == Standing::has;
  });
}

void Downloads::give_up_asks_of_slow(Connection& connection, PeerDownloads& down) {
  std::vector<PieceIndex> elsewhere;
  for (const auto& [index, standing] : down.pieces) {
    if (standing == Standing::asked && someone_else_has(index, connection.id)) {
      elsewhere.push_back(index);
    }
  }
  for (const PieceIndex index : elsewhere) {
    abandon(connection, down, index);
    unreserve();
    --piece_at(index)->asks;
    offer_to_holders(index);
  }
}

}  // namespace p2p
