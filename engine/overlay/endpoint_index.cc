#include "engine/overlay/endpoint_index.h"

#include <span>
#include <utility>

#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/base/mix.h"

namespace p2p {

namespace {

constexpr size_t kFirstSlots = 16;

}  // namespace

uint32_t EndpointIndex::hash_of(const Endpoint& endpoint) const {
  const std::span<const std::byte> bytes = endpoint.address.bytes;
  uint64_t hash = mixed(key_ ^ load_u64le(bytes.first(8)));
  hash = mixed(hash + key_ + load_u64le(bytes.subspan(8)));
  return static_cast<uint32_t>(mixed(hash + key_ + endpoint.port) >> 32);
}

void EndpointIndex::insert(const Endpoint& endpoint, uint32_t position) {
  P2P_CHECK(position != kNone);
  if ((size_ + 1) * 2 > slots_.size()) grow();
  place({hash_of(endpoint), position});
  ++size_;
}

void EndpointIndex::place(Slot slot) {
  size_t i = slot.hash & mask();
  while (slots_[i].position != kNone) i = (i + 1) & mask();
  slots_[i] = slot;
}

void EndpointIndex::grow() {
  const std::vector<Slot> before =
      std::exchange(slots_, std::vector<Slot>(slots_.empty() ? kFirstSlots : slots_.size() * 2));
  for (const Slot& slot : before) {
    if (slot.position != kNone) place(slot);
  }
}

// What comes after the gap moves up, unless it is at home between the gap and its place.
void EndpointIndex::erase(const Endpoint& endpoint, uint32_t position) {
  P2P_CHECK(size_ > 0);
  size_t gap = hash_of(endpoint) & mask();
  while (slots_[gap].position != position) {
    P2P_CHECK(slots_[gap].position != kNone);
    gap = (gap + 1) & mask();
  }
  for (size_t i = (gap + 1) & mask(); slots_[i].position != kNone; i = (i + 1) & mask()) {
    const size_t home = slots_[i].hash & mask();
    if (((i - home) & mask()) < ((i - gap) & mask())) continue;
    slots_[gap] = slots_[i];
    gap = i;
  }
  slots_[gap] = Slot{};
  --size_;
}

}  // namespace p2p
