// The part of Uploads that says who is given a piece next, and which.
//
// Few pieces are on their way at a time: one that is given whole soon is given on soon. There are
// more where those leave a part of the link unused, as peers take less than it gives. The least
// given comes first, so that a seeder sends everything once before it sends anything twice; nobody
// is passed over for ever. A peer that takes a piece slowly does not keep others waiting, and
// neither does a crowd that asks for the same piece: most of it gets that from each other.
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
constexpr size_t kBytesLeast = size_t{512} << 10;
// Of small pieces so many bytes are usual where peers take less than the link brings, as they do
// when all of them are given something by many. As long as they don't, as in the beginning, fewer
// are given on sooner.
constexpr size_t kBytesUsual = size_t{1} << 20;
// One slot less after so many steps in which the link was busy.
constexpr int64_t kStepsBusy = 8;
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
// A piece may be given to so many at once, and to twice as many with every step of time: those to
// whom it was given give it on. Without that the first piece of a content, which is little, goes to
// a thousand before anybody is given the second.
constexpr uint32_t kGivenAtOnce = 16;
constexpr Duration kDoublesEvery = Duration::milliseconds(100);
constexpr int64_t kDoublesMost = 16;
// After so long without it, everything is as at first.
constexpr Duration kNoLongerLately = Duration::seconds(1);
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

// So many, or as many as make up so many bytes.
size_t Uploads::slots(size_t least, size_t bytes) const {
  return std::max(least, bytes / context_.config.piece_size.bytes());
}

size_t Uploads::slots_most() const { return slots(kSlotsMost, kBytesMost); }
size_t Uploads::slots_least() const { return slots(kSlotsLeast, kBytesLeast); }
size_t Uploads::slots_usual() const { return slots(kSlotsLeast, kBytesUsual); }

// One more is kept open when all are taken and the link could take more; what it does is seen a
// step later. One less now and then while the link is busy.
void Uploads::follow_link() {
  slots_open_ = std::max(slots_open_, slots_least());
  const bool idles = meter_.idles(context_.now);
  const Duration after = meter_.step() * (idles ? 1 : kStepsBusy);
  if (context_.now < slots_changed_ + after) return;
  if (idles) {
    if (slots_.size() < slots_open_ || slots_open_ == slots_usual()) return;
    ++slots_open_;
  } else {
    if (slots_open_ == slots_least()) return;
    --slots_open_;
  }
  slots_changed_ = context_.now;
}

// Beyond those one at a time, for as long as it takes.
bool Uploads::slot_is_free() const {
  if (slots_.size() < slots_open_) return true;
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
  Time due = parked_.empty() ? Time::never() : parked_.begin()->first;
  if (queue_.empty()) return due;
  due = std::min(due, longest_wait_ends());
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

Uploads::Given Uploads::given(const Digest& digest) const {
  const auto found = given_.find(digest);
  return found == given_.end() ? Given() : found->second;
}

Time Uploads::may_give_from(const Given& given) const {
  if (given.lately < kGivenAtOnce) return context_.now;
  int64_t doubled = 0;
  while (doubled < kDoublesMost && given.lately >= kGivenAtOnce << doubled) ++doubled;
  return std::min(given.since + kDoublesEvery * doubled, given.last + kNoLongerLately);
}

// The least given of what this peer asks for, and may be given by then.
std::optional<Uploads::Choice> Uploads::best_ask(ConnId conn, Time may_give) const {
  const auto& asks = up_of(conn).asks;
  std::optional<Choice> best;
  for (size_t i = 0; i < std::min(asks.size(), kAsksLookedAt); ++i) {
    const Given of_ask = given(asks[i]);
    if (best && of_ask.times >= best->times) continue;
    if (may_give_from(of_ask) > may_give) continue;
    best = {conn, i, of_ask.times};
    if (best->times == 0) break;
  }
  return best;
}

// The least given of what those who have waited longest ask for. Whoever was passed over too often
// is next. nullopt: those who were looked at are parked.
std::optional<Uploads::Choice> Uploads::choose() {
  if (one_waits_too_long()) return best_ask(queue_.oldest(), Time::never());
  std::vector<ConnId> looked_at;
  std::vector<ConnId> to_park;
  std::optional<Choice> best;
  for (const auto& [turn, id] : queue_.line()) {
    const auto choice = best_ask(id, context_.now);
    if (!choice) {
      to_park.push_back(id);
      continue;
    }
    looked_at.push_back(id);
    const bool overdue = up_of(id).place.passed_over >= kPeersLookedAt;
    if (overdue || !best || choice->times < best->times) best = choice;
    if (overdue || best->times == 0 || looked_at.size() == kPeersLookedAt) break;
  }
  for (const ConnId id : looked_at) {
    if (id != best->conn) queue_.pass_over(up_of(id).place);
  }
  for (const ConnId id : to_park) park(id);
  return best;
}

void Uploads::park(ConnId id) {
  PeerUploads& up = up_of(id);
  queue_.leave(up.place);
  up.parked_until = Time::never();
  for (size_t i = 0; i < std::min(up.asks.size(), kAsksLookedAt); ++i) {
    up.parked_until = std::min(up.parked_until, may_give_from(given(up.asks[i])));
  }
  parked_.emplace(up.parked_until, id);
}

void Uploads::unpark(ConnId id, PeerUploads& up) {
  if (up.parked_until == Time()) return;
  parked_.erase({up.parked_until, id});
  up.parked_until = Time();
}

bool Uploads::end_parking() {
  bool any = false;
  while (!parked_.empty() && parked_.begin()->first <= context_.now) {
    const ConnId id = parked_.begin()->second;
    unpark(id, up_of(id));
    context_.connections.touch(id);
    any = true;
  }
  return any;
}

bool Uploads::serve() {
  take_slots_of_slow();
  bool any = end_parking();
  if (!queue_.empty()) follow_link();
  while (!queue_.empty() && (slot_is_free() || one_waits_too_long())) {
    if (const auto choice = choose()) start(*choice);
    any = true;
  }
  return any;
}

void Uploads::start(const Choice& choice) {
  Connection& connection = *context_.connections.find(choice.conn);
  PeerUploads& up = connection.exchange->up;
  const Digest digest = up.asks[choice.ask];
  up.asks.erase(up.asks.begin() + static_cast<std::ptrdiff_t>(choice.ask));
  context_.connections.touch(connection.id);  // to wait for its next one
  if (!held_.contains(digest)) {
    queue_.leave(up.place);
    return refuse_ask(connection, up, digest);
  }
  queue_.serve(up.place);
  const OpId op = context_.new_op();
  loads_[op] = Load{connection.id, digest};
  ++up.loading;
  up.transfers.push_back({digest, ++last_transfer_, context_.now});
  slots_.emplace(last_transfer_, context_.now + patience_with(up));
  last_start_ = context_.now;
  if (given_.size() >= kTimesKept) given_.clear();
  note_given(given_[digest]);
  context_.emit(LoadPiece{op, digest, false});
}

void Uploads::note_given(Given& given) const {
  if (given.lately == 0 || context_.now - given.last >= kNoLongerLately) {
    given.lately = 0;
    given.since = context_.now;
  }
  ++given.times;
  ++given.lately;
  given.last = context_.now;
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
  queue_.end_trial(up.place);
  if (sent) return note_taken(up, transfer);
  const auto found_given = given_.find(digest);
  if (found_given != given_.end() && found_given->second.times > 0) --found_given->second.times;
}

}  // namespace p2p
