#include "engine/exchange/link_meter.h"

namespace p2p {

namespace {

constexpr uint64_t kNanoseconds = 1'000'000'000;  // in a second
constexpr Duration kStepLeast = Duration::milliseconds(50);
constexpr Duration kStepMost = Duration::seconds(1);
// After so long without a byte it begins anew.
constexpr Duration kPause = Duration::seconds(1);
// The most fades, as links change: half of it in 18 s.
constexpr int64_t kFadesMs = 26'000;
constexpr uint64_t kBetterPercent = 105;

}  // namespace

void LinkMeter::moved(Time now, size_t bytes) {
  if (now - last_moved_ > std::max(kPause, step())) {
    ended_ = 0;
    running_ = {now, 0};
  }
  last_moved_ = now;
  running_.bytes += bytes;
  if (running_.bytes >= step_bytes_) turn(now);
}

void LinkMeter::turn(Time now) {
  steps_[ended_++ % kSteps] = running_;
  running_ = {now, 0};
  if (ended_ < kSteps) return;
  const int64_t took = (now - oldest().began).count_ns();
  if (took > 0) note_rate(now, latest_bytes() * kNanoseconds / static_cast<uint64_t>(took));
  try_one_more();
}

void LinkMeter::note_rate(Time now, uint64_t rate) {
  const int64_t passed_ms = (now - most_faded_at_).count_ms();
  if (passed_ms > 0) {
    most_ -= most_ / kFadesMs * static_cast<uint64_t>(std::min(passed_ms, kFadesMs));
    most_faded_at_ = now;
  }
  most_ = std::max(most_, rate);
}

// For one step more may go out. What that did is seen when all that is looked at is later than it.
void LinkMeter::try_one_more() {
  trying_ = false;
  ++steps_since_try_;
  if (steps_since_try_ == kSteps && most_ * 100 > most_before_try_ * kBetterPercent) {
    try_after_ = kTryAfterLeast;
  }
  if (steps_since_try_ < try_after_) return;
  steps_since_try_ = 0;
  try_after_ = std::min(try_after_ * 2, kTryAfterMost);
  most_before_try_ = most_;
  trying_ = true;
}

const LinkMeter::Step& LinkMeter::oldest() const {
  if (ended_ == 0) return running_;
  return steps_[ended_ < kSteps ? 0 : ended_ % kSteps];
}

uint64_t LinkMeter::latest_bytes() const {
  uint64_t bytes = running_.bytes;
  for (size_t i = 0; i < std::min(ended_, kSteps); ++i) bytes += steps_[i].bytes;
  return bytes;
}

Time LinkMeter::idle_from() const {
  if (trying_) return running_.began;
  if (most_ == 0) return running_.began + kPause;
  const uint64_t busy = std::max<uint64_t>(most_ / 100 * kBusyPercent, 1);
  auto in_time = Duration::nanoseconds(static_cast<int64_t>(latest_bytes() * kNanoseconds / busy));
  if (ended_ < kSteps) in_time = std::max(in_time, least_time(step_bytes_ * kSteps));
  return oldest().began + in_time;
}

Duration LinkMeter::step() const {
  return std::clamp(least_time(step_bytes_), kStepLeast, kStepMost);
}

Duration LinkMeter::least_time(size_t bytes) const {
  if (most_ == 0) return Duration();
  return Duration::nanoseconds(static_cast<int64_t>(bytes * kNanoseconds / most_));
}

}  // namespace p2p
