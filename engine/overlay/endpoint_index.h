// Finds the position of an endpoint among items that are kept elsewhere, in one table without
// pointers: one look where it isn't there, two where it is.
//
// Linear probing, at most half full. The hash is keyed, so that a peer that chooses endpoints can't
// make them collide.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/endpoint.h"

namespace p2p {

class EndpointIndex {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // `key`: drawn at random, not known to peers.
  explicit EndpointIndex(uint64_t key) : key_(key) {}

  // The position of `endpoint`, or kNone. `endpoint_at(position)` is the one that was put there.
  template <class EndpointAt>
  uint32_t find(const Endpoint& endpoint, EndpointAt endpoint_at) const {
    if (slots_.empty()) return kNone;
    const uint32_t hash = hash_of(endpoint);
    for (size_t i = hash & mask(); slots_[i].position != kNone; i = (i + 1) & mask()) {
      if (slots_[i].hash == hash && endpoint_at(slots_[i].position) == endpoint) {
        return slots_[i].position;
      }
    }
    return kNone;
  }

  // Requires that the index doesn't hold the endpoint; position != kNone.
  void insert(const Endpoint& endpoint, uint32_t position);
  // Requires that the endpoint was inserted with this position.
  void erase(const Endpoint& endpoint, uint32_t position);

  size_t size() const { return size_; }

 private:
  struct Slot {
    uint32_t hash = 0;
    uint32_t position = kNone;  // free
  };

  size_t mask() const { return slots_.size() - 1; }
  uint32_t hash_of(const Endpoint& endpoint) const;
  void place(Slot slot);
  void grow();

  uint64_t key_;
  std::vector<Slot> slots_;  // a power of two of them, or none
  size_t size_ = 0;
};

}  // namespace p2p
