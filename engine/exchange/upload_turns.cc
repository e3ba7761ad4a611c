// The part of Uploads that says who is given a piece next, and which.
//
// Few pieces are on their way at a time: one that is given whole soon is given on soon. There are
// more where those leave a part of the link unused, as peers take less than it gives. The least
// given comes first, so that a seeder sends everything once before it sends anything twice; nobody
// is passed over for ever. A peer that takes a piece slowly does not keep others waiting.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/exchange/average.h"
#include "engine/exchange/uploads.h"

namespace p2p {

namespace {

// Pieces on their way at once: the most, and the least, however busy the link is; of small pieces
// as many as make up so many bytes, or a long link would stand still between them.
constexpr size_t kSlotsMost = 8;
constexpr size_t kSlotsLeast = 2;
constexpr size_t kBytesMost = size_t{4} << 20;
constexpr size_t kBytesLeast = size_t{1} << 20;
// What a transfer may take before others may have its slot.
constexpr Duration kPatienceAtFirst = Duration::seconds(2);
constexpr Duration kPatienceLeast = Duration::milliseconds(500);
constexpr Duration kPatienceMost = Duration::seconds(30);
// Whoever has waited so long is given a piece whether a slot is free or not: it must not take this
// node for dead (Limits::ask_dead_after).
constexpr Duration kWaitMost = Duration::seconds(30);
// How many peers, and how many asks of each, are looked at for the next piece.
constexpr size_t kPeersLookedAt = 16;
constexpr size_t kAsksLookedAt = 16;
// When so many pieces have been given, counting begins anew: it is a preference, not a promise.
constexpr size_t kTimesKept = size_t{1} << 16;

}  // namespace

// Two pieces for one peer at least: one is on its way while the next is being loaded. How a
// newcomer takes one is seen first.
bool Uploads::has_room(const Connection& connection, const PeerUploads& up) const {
  const size_t piece = context_.config.piece_size.bytes();
  const size_t ahead = std::max(context_.config.limits.send_ahead_bytes, 2 * piece);
  if (up.takes == Duration() && takes_one(up)) return false;
  return connection.outbox.payload_pending() + (up.loading + 1) * piece <= ahead + kGiveHeaderSize;
}

// Little of a piece says nothing of what a whole one takes.
bool Uploads::says_something(const Transfer& transfer) const {
  return transfer.bytes * 2 >= context_.config.piece_size.bytes();
}

bool Uploads::takes_one(const PeerUploads& up) const {
  return up.loading > 0 ||
         std::any_of(up.transfers.begin(), up.transfers.end(),
                     [&](const Transfer& transfer) { return says_something(transfer); });
}

void Uploads::queue_up(Connection& connection, PeerUploads& up) {
  Duration takes = up.takes;
  if (takes != Duration()) {
    for (const Transfer& transfer : up.transfers) {
      takes = std::max(takes, context_.now - transfer.since);
    }
  }
  queue_.join(connection.id, up.place, takes, context_.now);
}

size_t Uploads::slots_most() const {
  const size_t piece = context_.config.piece_size.bytes();
  return std::max(kSlotsMost, kBytesMost / piece);
}

// Beyond the least one at a time: what it does is seen a step later.
bool Uploads::slot_is_free() const {
  const size_t least = std::max(kSlotsLeast, kBytesLeast / context_.config.piece_size.bytes());
  if (slots_.size() < least) return true;
  return slots_.size() < slots_most() && context_.now >= last_start_ + meter_.step() &&
         meter_.idles(context_.now);
}

// What a transfer takes if all slots are taken and the link is busy, and as long again.
Duration Uploads::patience() const {
  const Duration least = meter_.least_time(slots_most() * context_.config.piece_size.bytes());
  if (least == Duration()) return kPatienceAtFirst;
  return std::clamp(least * 3 / 2, kPatienceLeast, kPatienceMost);
}

// Of a peer that is known to take longer a slot is not kept for so long.
Duration Uploads::patience_with(const PeerUploads& up) const {
  return up.takes > patience() ? kPatienceLeast : patience();
}

PeerUploads& Uploads::up_of(ConnId id) const { return context_.connections.find(id)->exchange->up; }

Time Uploads::longest_wait_ends() const { return up_of(queue_.oldest()).place.since + kWaitMost; }

bool Uploads::one_waits_too_long() const { return context_.now >= longest_wait_ends(); }

Time Uploads::next_slot_lost() const {
  Time next = Time::never();
  for (const auto& [number, until] : slots_) next = std::min(next, until);
  return next;
}

Time Uploads::next_due() const {
  if (queue_.empty()) return Time::never();
  Time due = longest_wait_ends();
  const Time idle_from = meter_.idle_from();
  due = std::min(due, std::max(next_slot_lost(), idle_from));
  if (slots_.size() >= slots_most()) return due;
  return std::min(due, std::max(idle_from, last_start_ + meter_.step()));
}

// As long as the link is busy they take none from others.
void Uploads::take_slots_of_slow() {
  if (slots_.empty() || queue_.empty() || !meter_.idles(context_.now)) return;
  std::erase_if(slots_, [&](const auto& slot) { return context_.now >= slot.second; });
}

uint32_t Uploads::times_given(const Digest& digest) const {
  const auto found = times_given_.find(digest);
  return found == times_given_.end() ? 0 : found->second;
}

Uploads::Choice Uploads::best_ask(ConnId conn) const {
  const auto& asks = up_of(conn).asks;
  Choice best{conn, 0, times_given(asks.front())};
  for (size_t i = 1; i < std::min(asks.size(), kAsksLookedAt) && best.times > 0; ++i) {
    const uint32_t times = times_given(asks[i]);
    if (times < best.times) best = {conn, i, times};
  }
  return best;
}

// The least given of what those who have waited longest ask for. Whoever was passed over too often
// is next.
Uploads::Choice Uploads::choose() const {
  if (one_waits_too_long()) return best_ask(queue_.oldest());
  const auto& line = queue_.line();
  Choice best = best_ask(queue_.first());
  if (up_of(queue_.first()).place.passed_over >= kPeersLookedAt) return best;
  size_t looked_at = 1;
  for (auto it = std::next(line.begin());
       it != line.end() && looked_at < kPeersLookedAt && best.times > 0; ++it, ++looked_at) {
    const Choice other = best_ask(it->second);
    if (other.times < best.times) best = other;
  }
  return best;
}

bool Uploads::serve() {
  take_slots_of_slow();
  bool any = false;
  while (!queue_.empty() && (slot_is_free() || one_waits_too_long())) {
    start(choose());
    any = true;
  }
  return any;
}

void Uploads::start(const Choice& choice) {
  for (const auto& [turn, id] : queue_.line()) {
    if (id == choice.conn) break;
    ++up_of(id).place.passed_over;
  }
  Connection& connection = *context_.connections.find(choice.conn);
  PeerUploads& up = connection.exchange->up;
  queue_.serve(up.place);
  const Digest digest = up.asks[choice.ask];
  up.asks.erase(up.asks.begin() + static_cast<std::ptrdiff_t>(choice.ask));
  context_.connections.touch(connection.id);  // to wait for its next one
  if (!held_.contains(digest)) return refuse_ask(connection, up, digest);
  const OpId op = context_.new_op();
  loads_[op] = Load{connection.id, digest};
  ++up.loading;
  up.transfers.push_back({digest, ++last_transfer_, context_.now});
  slots_.emplace(last_transfer_, context_.now + patience_with(up));
  last_start_ = context_.now;
  if (times_given_.size() >= kTimesKept) times_given_.clear();
  ++times_given_[digest];
  context_.emit(LoadPiece{op, digest, false});
}

void Uploads::note_taken(PeerUploads& up, const Transfer& transfer) {
  if (!says_something(transfer)) return;
  up.takes = averaged(up.takes, std::max(context_.now - transfer.since, Duration::nanoseconds(1)));
}

// A transfer has come to its end: all of it was sent, or none of it will be.
void Uploads::end_transfer(PeerUploads& up, const Digest& digest, bool sent) {
  const auto found =
      std::find_if(up.transfers.begin(), up.transfers.end(),
                   [&](const Transfer& transfer) { return transfer.digest == digest; });
  P2P_CHECK(found != up.transfers.end());
  const Transfer transfer = *found;
  up.transfers.erase(found);
  slots_.erase(transfer.number);
  if (sent) return note_taken(up, transfer);
  const auto times = times_given_.find(digest);
  if (times != times_given_.end() && times->second > 0) --times->second;
}

}  // namespace p2p
