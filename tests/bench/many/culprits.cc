#include "tests/bench/many/culprits.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <stdexcept>

#include "tests/bench/processes/input.h"
#include "tests/support/raw_peer.h"

namespace p2p::bench {

namespace {

using testing::Bytes;
using testing::RawFrame;
using testing::RawPeer;
using Clock = std::chrono::steady_clock;

// docs/protocol.md, Frames.
constexpr uint8_t kAsk = 0;
constexpr uint8_t kGive = 1;
constexpr uint8_t kPeer = 2;
constexpr uint8_t kWant = 16;
constexpr uint8_t kHave = 17;

Bytes wrong_give(const Bytes& digest) {
  Bytes body = digest;
  body.resize(digest.size() + kMiB, 0x5a);
  return testing::frame(kGive, body);
}

// What one connection has to do, a second at a time.
class Visit {
 public:
  Visit(Misdeed misdeed, RawPeer& peer) : misdeed_(misdeed), peer_(peer) {}

  // Whether the other side still takes what is sent.
  bool answer(const RawFrame& frame) {
    if (frame.type == kWant) return peer_.send(testing::frame(kHave, frame.body));
    if (frame.type != kAsk) return true;
    if (misdeed_ == Misdeed::wrong_bytes) return peer_.send(wrong_give(frame.body));
    if (misdeed_ == Misdeed::drips && dripping_.empty()) dripping_ = wrong_give(frame.body);
    return true;
  }
  // Once a second: the next byte, or a sign of life.
  bool tick() {
    if (dripping_.empty()) return peer_.send(testing::frame(kPeer, {}));
    return peer_.send(std::span(dripping_).subspan(dripped_++, 1));
  }

 private:
  const Misdeed misdeed_;
  RawPeer& peer_;
  Bytes dripping_;
  size_t dripped_ = 0;
};

}  // namespace

std::string_view misdeed_name(Misdeed misdeed) {
  switch (misdeed) {
    case Misdeed::wrong_bytes:
      return "wrong bytes";
    case Misdeed::never_gives:
      return "never gives";
    case Misdeed::drips:
      return "a byte a second";
  }
  return "";
}

Culprits::~Culprits() { stop(); }

void Culprits::add(Misdeed misdeed, const std::string& endpoint) {
  const uint64_t nonce = 1000 + threads_.size();
  threads_.emplace_back([this, misdeed, endpoint, nonce] {
    while (!stopping_) {
      try {
        visit(misdeed, endpoint, nonce);
      } catch (const std::runtime_error&) {
        // Nobody listens there any more.
      }
      if (!stopping_) std::this_thread::sleep_for(std::chrono::seconds(1));
    }
  });
}

void Culprits::stop() {
  stopping_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Culprits::visit(Misdeed misdeed, const std::string& endpoint, uint64_t nonce) {
  RawPeer peer(endpoint, std::chrono::seconds(5));
  testing::HelloFields fields;
  fields.nonce = nonce;
  if (!peer.send(testing::hello(fields))) return;
  Visit visit(misdeed, peer);
  constexpr auto kSecond = std::chrono::milliseconds(1000);
  auto next_tick = Clock::now() + kSecond;
  while (!stopping_) {
    // Not a moment less, or a frame that is waited for in vain would be taken for the end.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_tick - Clock::now()) +
                      std::chrono::milliseconds(1);
    const auto frame = peer.read_frame(std::max(left, std::chrono::milliseconds(0)));
    if (frame) {
      if (frame->type == kAsk) ++asks_;
      if (!visit.answer(*frame)) return;
    }
    if (Clock::now() < next_tick) {
      if (!frame) return;  // the connection has ended
      continue;
    }
    if (!visit.tick()) return;
    next_tick += kSecond;
  }
}

}  // namespace p2p::bench
