// Who asked to be listed under which id (docs/protocol.md, Finding holders).
//
// A listing lasts kListedFor and is renewed by being asked for again. Bounds: kPerIdMax under one
// id, kIdsMax ids, beyond which those farthest from the node's own place go first. So that no
// single address fills them: kOfAddressMax of one under one id, kOfAddressInAllMax in all; what is
// more is refused, and none of the others goes for it. Loopback has no share, as a hundred nodes of
// one machine are there; an IPv6 /64 counts as one address.
//
// A value without I/O; the same calls give the same answers.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/endpoint.h"
#include "engine/base/time.h"

namespace p2p {

class Listings {
 public:
  static constexpr Duration kListedFor = Duration::minutes(30);
  static constexpr size_t kPerIdMax = 64;
  static constexpr size_t kIdsMax = 4096;
  static constexpr size_t kOfAddressMax = 8;
  static constexpr size_t kOfAddressInAllMax = 1024;
  // What is over is looked for at most so often when there is no room.
  static constexpr Duration kTidyEvery = Duration::seconds(60);

  explicit Listings(const Digest& own) : own_(own) {}

  // Ids go by their distance to this place from now on.
  void move_to(const Digest& own);

  enum class Added { refused, renewed, fresh };
  Added add(const Digest& id, const Endpoint& endpoint, Time now);

  // Those listed under the id, the one listed longest ago first.
  std::vector<Endpoint> under(const Digest& id, Time now) const;

  // Ids and listings, those that are over among them until they are in the way.
  size_t ids() const { return by_distance_.size(); }
  size_t size() const { return size_; }

 private:
  struct Listing {
    Endpoint endpoint;
    Time until;
  };
  using Listed = std::vector<Listing>;

  // nullopt: the endpoint isn't listed there.
  std::optional<Added> renew(const Digest& away, const Endpoint& endpoint, Time now);
  bool has_share_left(const Digest& away, const Endpoint& endpoint, Time now);
  bool make_room_for(const Digest& away, Time now);
  void drop_over(Listed& listed, Time now);
  void tidy(Time now);
  void count(const Endpoint& endpoint);
  void discount(const Endpoint& endpoint);
  size_t of_address(const Endpoint& endpoint) const;

  Digest own_;
  std::map<Digest, Listed> by_distance_;  // of the id to the own place; none empty
  std::map<Address, size_t> of_address_;  // listings, by address
  size_t size_ = 0;
  std::optional<Time> tidied_;
};

}  // namespace p2p
