#include "apps/p2pnode/patience.h"

namespace p2p::app {
namespace {

Duration say_after(int64_t said) {
  if (said == 0) return Duration::seconds(10);
  if (said == 1) return Duration::seconds(30);
  return Duration::minutes(said - 1);
}

}  // namespace

void Patience::look(Time now, uint64_t held, uint64_t received) {
  if (held != held_ || received >= received_ + kTalk) {
    last_ = now;
    said_ = 0;
    held_ = held;
    received_ = received;
  } else if (received < received_) {
    received_ = received;
  }
}

bool Patience::due_to_say(Time now) {
  if (waited(now) < say_after(said_)) return false;
  ++said_;
  return true;
}

}  // namespace p2p::app
