#include "engine/exchange/upload_queue.h"

#include <algorithm>
#include <utility>

namespace p2p {

namespace {

// Who takes longer waits no longer for it.
constexpr Duration kTakesMost = Duration::seconds(10);
// After so many that are known it is a newcomer's turn, while none is on trial and while one is.
constexpr unsigned kKnownInARow = 1;
constexpr unsigned kKnownInATrial = 2;

// What a piece for this peer puts its next turn off by: the square of what it takes, s².
Duration put_off(Duration takes) {
  const int64_t ms = std::min(takes, kTakesMost).count_ms();
  return Duration::microseconds(ms * ms);
}

}  // namespace

void UploadQueue::join(ConnId id, UploadPlace& place, Duration takes, Time now) {
  place.newcomer = takes == Duration();
  place.turn = {std::max(turn_at_, place.turn.first + put_off(takes)), ++last_number_};
  place.age = last_number_;
  place.since = now;
  place.waits = true;
  (place.newcomer ? newcomers_ : known_).emplace(place.turn, id);
  by_age_.emplace(place.age, id);
}

void UploadQueue::leave(UploadPlace& place) {
  if (!place.waits) return;
  (place.newcomer ? newcomers_ : known_).erase(place.turn);
  by_age_.erase(place.age);
  place.waits = false;
}

void UploadQueue::serve(UploadPlace& place) {
  if (!place.newcomer) turn_at_ = std::max(turn_at_, place.turn.first);
  known_in_a_row_ = place.newcomer ? 0 : known_in_a_row_ + 1;
  place.passed_over = 0;
  if (place.newcomer && !std::exchange(place.on_trial, true)) ++on_trial_;
  leave(place);
}

void UploadQueue::end_trial(UploadPlace& place) {
  if (std::exchange(place.on_trial, false)) --on_trial_;
}

void UploadQueue::pass_over(UploadPlace& place) {
  ++place.passed_over;
  if (!place.newcomer) return;
  auto moved = newcomers_.extract(place.turn);
  place.turn.second = ++last_number_;
  if (!newcomers_.empty()) {
    place.turn.first = std::max(place.turn.first, newcomers_.rbegin()->first.first);
  }
  moved.key() = place.turn;
  newcomers_.insert(std::move(moved));
}

const UploadQueue::Line& UploadQueue::line() const {
  if (newcomers_.empty()) return known_;
  const bool their_turn = known_in_a_row_ >= (on_trial_ == 0 ? kKnownInARow : kKnownInATrial);
  return known_.empty() || their_turn ? newcomers_ : known_;
}

}  // namespace p2p
