// The asks that have ended without a piece, the latest of them: for people who ask why something is
// missing (ContentStory). Costs nothing as long as all asks are answered; nothing is decided by it.
#pragma once

#include <cstddef>
#include <deque>

#include "engine/base/endpoint.h"
#include "engine/base/time.h"
#include "engine/core/content_story.h"
#include "engine/exchange/peer_exchange.h"

namespace p2p {

struct FailedAsk {
  PieceIndex index = 0;
  Endpoint peer;
  Time asked;
  Time ended;
  PieceAnswer answer = PieceAnswer::silent;
};

class AskRecord {
 public:
  explicit AskRecord(size_t kept) : kept_(kept) {}

  void add(const FailedAsk& ask) {
    if (kept_ == 0) return;
    if (asks_.size() == kept_) asks_.pop_front();
    asks_.push_back(ask);
  }
  // The oldest first.
  const std::deque<FailedAsk>& asks() const { return asks_; }

 private:
  size_t kept_;
  std::deque<FailedAsk> asks_;
};

}  // namespace p2p
