// Whom this node has spoken with, by where they are: what a seek is answered from, and where a
// look-up begins (docs/protocol.md, Finding holders).
//
// Up to kBucketMax endpoints for every length of the prefix that they share with the node's own
// place: few of those that are far, all of those that are near, so that look-ups take O(log n)
// steps. The oldest stay, as who has been there for long will be for longer; a newcomer to a full
// bucket takes the place of one that has gone without a connection for kStaleAfter, the one alive
// longest ago, or none. A failed dial takes an endpoint out.
//
// An endpoint is proven once a dial has reached it. One that is only claimed may be behind NAT: it
// is told where there are too few others, and gives way to one that is proven.
//
// A value without I/O. At most 256 buckets of kBucketMax; in a network of n nodes, about
// log2(n) buckets have something in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/endpoint.h"
#include "engine/base/time.h"
#include "engine/overlay/address_book.h"

namespace p2p {

class PlaceTable {
 public:
  static constexpr size_t kBucketMax = 8;
  // Not known alive for so long, it may give way to another...
  static constexpr Duration kStaleAfter = Duration::minutes(15);
  // ... and for so long, it is told to nobody any more. Neighbours in place look at each other
  // every four hours or so (Finder).
  static constexpr Duration kForgottenAfter = Duration::minutes(10 * 60);

  explicit PlaceTable(const Digest& own) : own_(own) {}

  const Digest& own() const { return own_; }
  // The node has learned where it is seen. Who has no room in the buckets round the new place goes.
  void move_to(const Digest& own);

  // A connection with the node at `endpoint` has opened: this node dialled it, or it claims
  // credibly to be there. True: the table counts it, and parted() is to be called for this
  // connection.
  bool spoke(const Endpoint& endpoint, Proof proof, Time now);
  // Requires that spoke() said true, for this connection. Forgotten or moved out of the table
  // meanwhile: nothing.
  void parted(const Endpoint& endpoint, Time now);
  // A dial to it has failed. One that a connection lives with stays.
  void failed(const Endpoint& endpoint);

  // Up to `count` of those alive within kForgottenAfter, the proven ones before all others, each
  // nearest to `id` first; without those that `skip` is true for.
  using Skip = std::function<bool(const Endpoint&)>;
  std::vector<Endpoint> nearest(const Digest& id, size_t count, Time now, const Skip& skip) const;

  // Whether it is here, not proven, without a connection, and would be among the kBucketMax nearest
  // to the own place: then it is worth a dial.
  bool is_worth_proving(const Endpoint& endpoint, Time now) const;

  bool contains(const Endpoint& endpoint) const { return find(endpoint) != nullptr; }
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Endpoint endpoint;
    bool proven = false;
    uint32_t connections = 0;  // live ones
    Digest place;
    Time last_alive;  // meaningful without connections
  };

  const Entry* find(const Endpoint& endpoint) const;
  Entry* find(const Endpoint& endpoint);
  bool make_room(size_t bucket, Proof for_whom, Time now);

  Digest own_;
  std::vector<Entry> entries_;  // in the order in which they came
};

}  // namespace p2p
