// The answering side of finding holders: every seek gets its found, and while its connection stays,
// one more for each that is listed anew under the id (docs/protocol.md, Finding holders).
//
// What is owed to a peer is kept as ids, not as bytes: reading never waits for writing. Bounds for
// a connection: kOwedMax ids that wait for their answer, more are the peer's fault; kFollowedMax
// ids whose new listings it is told, the one sought longest ago goes first; as many of those
// waiting to be told.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "engine/core/context.h"
#include "engine/overlay/listings.h"
#include "engine/overlay/place_table.h"
#include "engine/wire/frame.h"

namespace p2p {

class SeekAnswers {
 public:
  static constexpr size_t kOwedMax = 1024;  // 32 KiB
  static constexpr size_t kFollowedMax = 64;

  // Both outlive it.
  SeekAnswers(Context& context, const PlaceTable& table)
      : context_(context), table_(table), listings_(table.own()) {}

  void on_seek(Connection& connection, const SeekMessage& seek);
  // Queues what is owed as far as the peer takes it.
  void pump(Connection& connection);
  void on_gone(const Connection& connection) { peers_.erase(connection.id); }
  // The table has moved.
  void move() { listings_.move_to(table_.own()); }

  const Listings& listings() const { return listings_; }

 private:
  struct Peer {
    std::deque<Digest> owed;
    std::deque<Digest> followed;
    std::deque<std::pair<Digest, Endpoint>> news;
  };

  void list(const Connection& connection, const Digest& id);
  FoundMessage answer_to(const Connection& connection, const Digest& id);

  Context& context_;
  const PlaceTable& table_;
  Listings listings_;
  std::map<ConnId, Peer> peers_;  // those that have sought
};

}  // namespace p2p
