// Says have to every want, and answers every ask with random bytes of the right length.
#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "engine/wire/encoder.h"
#include "io_sim/peers/behaviours.h"
#include "io_sim/peers/chance.h"
#include "io_sim/peers/speaking_peer.h"

namespace p2p::sim {

namespace {

constexpr size_t kOwedMax = 1024;   // what an honest peer may ask for at once
constexpr size_t kFreshBytes = 16;  // at the front of each give; the rest is the same every time
constexpr uint64_t kTrimOneIn = 4;

class WrongBytes final : public SpeakingPeer {
 public:
  WrongBytes() : SpeakingPeer(lively_habits()) {}

  void drained(RawNet& net, ConnId conn) override { pay(net, conn); }

 private:
  void heard(RawNet& net, ConnId conn, const Message& message) override {
    claim_to_have(net, conn, message);
    const auto* const ask = std::get_if<AskMessage>(&message);
    if (ask == nullptr) return;
    std::deque<Digest>& owed = owed_[conn];
    if (owed.size() < kOwedMax) owed.push_back(ask->digest);
    pay(net, conn);
  }

  void ended(ConnId conn) override {
    owed_.erase(conn);
    SpeakingPeer::ended(conn);
  }

  void tick(RawNet& net) override { keep_alive(net); }

  // As many gives as the connection takes, so that one waits and no more.
  void pay(RawNet& net, ConnId conn) {
    const auto found = owed_.find(conn);
    if (found == owed_.end()) return;
    while (!found->second.empty() && net.unsent(conn) < net.facts().piece_size.bytes()) {
      give(net, conn, found->second.front());
      found->second.pop_front();
    }
  }

  void give(RawNet& net, ConnId conn, const Digest& digest) {
    const PieceSize piece_size = net.facts().piece_size;
    const bool trimmed = net.random().below(kTrimOneIn) == 0;
    uint32_t length = piece_size.bytes();
    if (trimmed) length = 1 + static_cast<uint32_t>(net.random().below(length - 1));
    const auto header = trimmed ? encode_trim_header(digest, length, piece_size)
                                : encode_give_header(digest, piece_size);
    net.send(conn, header);
    std::vector<std::byte> fresh(std::min<size_t>(kFreshBytes, length));
    fill_randomly(net.random(), fresh);
    net.send(conn, fresh);
    const size_t rest = length - fresh.size();
    if (rest > 0) net.send(conn, noise(net).sub(0, rest));
  }

  const Slice& noise(RawNet& net) {
    if (noise_.empty()) {
      auto block = std::make_shared<Block>(net.facts().piece_size.bytes());
      fill_randomly(net.random(), block->writable());
      noise_ = Slice(std::move(block));
    }
    return noise_;
  }

  std::map<ConnId, std::deque<Digest>> owed_;
  Slice noise_;  // P random bytes, shared by all gives
};

}  // namespace

std::unique_ptr<RawPeer> make_wrong_bytes() { return std::make_unique<WrongBytes>(); }

}  // namespace p2p::sim
