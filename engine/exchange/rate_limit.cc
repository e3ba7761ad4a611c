#include "engine/exchange/rate_limit.h"

#include <algorithm>

#include "engine/base/check.h"

namespace p2p {

namespace {

// A leave is what moves in 10 ms: so a ceiling costs a hundred wakes a second, and connections take
// turns quickly. No less than a segment of TCP, no more than a link of 50 Mbit/s takes in that
// time.
constexpr uint64_t kLeavesPerSecond = 100;
constexpr int64_t kLeaveLeast = 1460;
constexpr int64_t kLeaveMost = int64_t{64} << 10;
// What was not used in so long is lost: a world that wakes late makes up for it, no more.
constexpr Duration kKept = Duration::milliseconds(100);

constexpr int64_t kSecond = 1'000'000'000;  // in ns
// More than a host moves; so that no product below leaves 64 bits.
constexpr uint64_t kRateMost = 10'000'000'000;

}  // namespace

RateLimit::RateLimit(uint64_t rate, Time start)
    : rate_(std::min(rate, kRateMost)),
      quantum_(std::clamp(static_cast<int64_t>(rate_ / kLeavesPerSecond), kLeaveLeast, kLeaveMost)),
      most_(std::max(static_cast<int64_t>(rate_) / (kSecond / kKept.count_ns()), quantum_)),
      filled_at_(start) {}

bool RateLimit::may_move(ConnId conn, Leave& leave) {
  if (leave.bytes > 0) return true;
  if (!leave.waits) queue_.push_back(conn);
  leave.waits = leave.was_refused = true;
  return false;
}

void RateLimit::moved(Leave& leave, size_t bytes) {
  const size_t allowed = std::min(leave.bytes, bytes);
  leave.bytes -= allowed;
  tokens_ -= static_cast<int64_t>(bytes - allowed);
}

void RateLimit::give_back(Leave& leave) {
  tokens_ = std::min(tokens_ + static_cast<int64_t>(leave.bytes), most_);
  leave.bytes = 0;
}

// Time that makes less than a byte is kept for the next.
void RateLimit::refill(Time now) {
  const auto rate = static_cast<int64_t>(rate_);
  const int64_t elapsed = (now - filled_at_).count_ns();
  if (elapsed > (most_ - tokens_) * kSecond / rate) {
    tokens_ = most_;
    filled_at_ = now;
    return;
  }
  const int64_t bytes = elapsed * rate / kSecond;
  tokens_ += bytes;
  filled_at_ = filled_at_ + Duration::nanoseconds((bytes * kSecond + rate - 1) / rate);
}

std::optional<ConnId> RateLimit::next(Time now) {
  if (queue_.empty()) return std::nullopt;
  refill(now);
  if (tokens_ < quantum_) return std::nullopt;
  const ConnId conn = queue_.front();
  queue_.pop_front();
  return conn;
}

void RateLimit::grant(Leave& leave) {
  P2P_CHECK(leave.waits);
  leave.waits = false;
  leave.bytes += static_cast<size_t>(quantum_);
  tokens_ -= quantum_;
}

Time RateLimit::next_due() const {
  if (queue_.empty()) return Time::never();
  const int64_t lacking = std::max<int64_t>(quantum_ - tokens_, 0);
  const auto rate = static_cast<int64_t>(rate_);
  return filled_at_ + Duration::nanoseconds((lacking * kSecond + rate - 1) / rate);
}

}  // namespace p2p
