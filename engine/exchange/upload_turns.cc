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

// Pieces on their way at once: the most, or as many as fit into Limits::send_ahead_bytes; and the
// least, however busy the link is, or a quarter of that.
constexpr size_t kSlotsMost = 8;
constexpr size_t kSlotsLeast = 2;
// A transfer that takes so many times the usual loses its slot. The usual is then taken to be
// longer, so that a link that has become slow does not bring many transfers at once.
constexpr int64_t kPatienceFactor = 3;
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

// Two pieces for one peer at least: one is on its way while the next is being loaded.
bool Uploads::has_room(const Connection& connection, const PeerUploads& up) const {
  const size_t piece = context_.config.piece_size.bytes();
  const size_t ahead = std::max(context_.config.limits.send_ahead_bytes, 2 * piece);
  return connection.outbox.payload_pending() + (up.loading + 1) * piece <= ahead + kGiveHeaderSize;
}

void Uploads::queue_up(Connection& connection, PeerUploads& up) {
  up.turn = ++last_number_;
  up.waits_since = context_.now;
  waiting_.emplace(up.turn, connection.id);
}

void Uploads::leave_queue(PeerUploads& up) {
  if (up.turn != 0) waiting_.erase(std::exchange(up.turn, 0));
}

size_t Uploads::slots_most() const {
  const size_t piece = context_.config.piece_size.bytes();
  return std::max(kSlotsMost, context_.config.limits.send_ahead_bytes / piece);
}

// Beyond the least one at a time: what it does is seen a step later.
bool Uploads::slot_is_free() {
  const size_t least = std::max(kSlotsLeast, slots_most() / 4);
  const bool idles = meter_.idles(context_.now);
  if (slots_taken_ < least) return true;
  return idles && slots_taken_ < slots_most() && context_.now >= last_start_ + UploadMeter::kStep;
}

Duration Uploads::patience() const {
  if (usual_ == Duration()) return kPatienceAtFirst;
  return std::clamp(usual_ * kPatienceFactor, kPatienceLeast, kPatienceMost);
}

PeerUploads& Uploads::first_waiting() const {
  return context_.connections.find(waiting_.begin()->second)->exchange->up;
}

bool Uploads::first_waits_too_long() const {
  return context_.now >= first_waiting().waits_since + kWaitMost;
}

Time Uploads::next_due() const {
  if (waiting_.empty()) return Time::never();
  Time due = first_waiting().waits_since + kWaitMost;
  if (!slots_.empty()) due = std::min(due, slots_.front().since + patience());
  if (slots_taken_ >= slots_most()) return due;
  return std::min(due, std::max(meter_.next_step(), last_start_ + UploadMeter::kStep));
}

void Uploads::take_slots_of_slow() {
  while (!slots_.empty() && context_.now >= slots_.front().since + patience()) {
    const Slot slot = slots_.front();
    slots_.pop_front();
    const Connection* const connection = context_.connections.find(slot.conn);
    if (connection == nullptr || connection->exchange == nullptr) continue;
    for (Transfer& transfer : connection->exchange->up.transfers) {
      if (transfer.number != slot.transfer || !transfer.has_slot) continue;
      transfer.has_slot = false;
      --slots_taken_;
      usual_ = patience() / kPatienceFactor * 5 / 4;
    }
  }
}

uint32_t Uploads::times_given(const Digest& digest) const {
  const auto found = times_given_.find(digest);
  return found == times_given_.end() ? 0 : found->second;
}

Uploads::Choice Uploads::best_ask(ConnId conn) const {
  const auto& asks = context_.connections.find(conn)->exchange->up.asks;
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
  const ConnId first = waiting_.begin()->second;
  Choice best = best_ask(first);
  if (first_waiting().passed_over >= kPeersLookedAt || first_waits_too_long()) return best;
  size_t looked_at = 1;
  for (auto it = std::next(waiting_.begin());
       it != waiting_.end() && looked_at < kPeersLookedAt && best.times > 0; ++it, ++looked_at) {
    const Choice other = best_ask(it->second);
    if (other.times < best.times) best = other;
  }
  return best;
}

bool Uploads::serve() {
  take_slots_of_slow();
  bool any = false;
  while (!waiting_.empty() && (slot_is_free() || first_waits_too_long())) {
    start(choose());
    any = true;
  }
  return any;
}

void Uploads::start(const Choice& choice) {
  for (const auto& [turn, id] : waiting_) {
    if (id == choice.conn) break;
    ++context_.connections.find(id)->exchange->up.passed_over;
  }
  Connection& connection = *context_.connections.find(choice.conn);
  PeerUploads& up = connection.exchange->up;
  leave_queue(up);
  up.passed_over = 0;
  const Digest digest = up.asks[choice.ask];
  up.asks.erase(up.asks.begin() + static_cast<std::ptrdiff_t>(choice.ask));
  context_.connections.touch(connection.id);  // to wait for its next one
  if (!held_.contains(digest)) return refuse_ask(connection, up, digest);
  const OpId op = context_.new_op();
  loads_[op] = Load{connection.id, digest};
  ++up.loading;
  up.transfers.push_back({digest, ++last_number_, context_.now, true});
  slots_.push_back({context_.now, connection.id, last_number_});
  ++slots_taken_;
  last_start_ = context_.now;
  if (times_given_.size() >= kTimesKept) times_given_.clear();
  ++times_given_[digest];
  context_.emit(LoadPiece{op, digest, false});
}

// A transfer has come to its end: all of it was sent, or none of it will be.
void Uploads::end_transfer(PeerUploads& up, const Digest& digest, bool sent) {
  const auto found =
      std::find_if(up.transfers.begin(), up.transfers.end(),
                   [&](const Transfer& transfer) { return transfer.digest == digest; });
  P2P_CHECK(found != up.transfers.end());
  const Transfer transfer = *found;
  up.transfers.erase(found);
  if (transfer.has_slot) --slots_taken_;
  while (!slots_.empty() && slots_taken_ == 0) slots_.pop_front();
  if (!sent) {
    const auto times = times_given_.find(digest);
    if (times != times_given_.end() && times->second > 0) --times->second;
    return;
  }
  // One that took longer than it has patience with counts as no more than that.
  const Duration took = std::min(context_.now - transfer.since, patience());
  usual_ = averaged(usual_, took);
}

}  // namespace p2p
