// Peers that spoil a download: they come to every node of a swarm, say have to every want, and then
// do one thing wrong. Each is a thread; who is closed comes again after a second.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace p2p::bench {

enum class Misdeed {
  wrong_bytes,  // answers an ask with other bytes
  never_gives,  // answers no ask
  drips,        // answers with a byte a second
};
inline constexpr std::array kMisdeeds = {Misdeed::wrong_bytes, Misdeed::never_gives,
                                         Misdeed::drips};
std::string_view misdeed_name(Misdeed misdeed);

class Culprits {
 public:
  Culprits() = default;
  ~Culprits();
  Culprits(const Culprits&) = delete;
  Culprits& operator=(const Culprits&) = delete;

  // Comes to the node at `endpoint`, "[::1]:8100", until stop().
  void add(Misdeed misdeed, const std::string& endpoint);
  void stop();
  // How often one of them was asked for a piece.
  size_t asks() const { return asks_; }

 private:
  void visit(Misdeed misdeed, const std::string& endpoint, uint64_t nonce);

  std::vector<std::thread> threads_;
  std::atomic<bool> stopping_ = false;
  std::atomic<size_t> asks_ = 0;
};

}  // namespace p2p::bench
