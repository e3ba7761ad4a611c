#include "engine/overlay/network_group.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "engine/base/bytes.h"
#include "engine/base/mix.h"

namespace p2p {

namespace {

Address first_bytes(const Address& address, size_t count) {
  Address first = address;
  std::fill(first.bytes.begin() + static_cast<std::ptrdiff_t>(count), first.bytes.end(),
            std::byte{0});
  return first;
}

}  // namespace

Address bucket_of(const Address& address) {
  return address.is_v4_mapped() ? address : first_bytes(address, 8);
}

Address network_of(const Address& address) {
  if (!address.is_v4_mapped()) return first_bytes(address, 4);
  return first_bytes(address, address.is_loopback() ? 13 : 14);
}

Address site_of(const Address& address) {
  return address.is_public() ? bucket_of(address) : address;
}

Address network_group(const Address& address) {
  return address.is_public() ? network_of(address) : Address::any();
}

uint32_t tag_of(const Address& address, uint64_t key) {
  const std::span<const std::byte> bytes = address.bytes;
  const uint64_t first = mixed(key ^ load_u64le(bytes.first(8)));
  return static_cast<uint32_t>(mixed(first + key + load_u64le(bytes.subspan(8))) >> 32);
}

}  // namespace p2p
