#include "apps/p2pnode/own_address.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>
#include <optional>

#include "io_linux/fd.h"
#include "io_linux/socket.h"

namespace p2p::app {
namespace {

bool of_use_elsewhere(const Address& address) {
  return !address.is_unspecified() && !address.is_loopback() && !address.is_link_local() &&
         !address.is_multicast();
}

// Connecting a datagram socket looks up the route and sends nothing.
std::optional<Address> address_towards(const Address& far, int family) {
  const io_linux::Fd fd(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return std::nullopt;
  constexpr uint16_t kDiscardPort = 9;
  const auto to = io_linux::to_socket_address({far, kDiscardPort}, family);
  if (!to || connect(fd.get(), to->get(), to->length) != 0) return std::nullopt;
  const auto local = io_linux::local_endpoint(fd.get());
  if (!local || !of_use_elsewhere(local->address)) return std::nullopt;
  return local->address;
}

std::optional<Address> address_of_interface(int family) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return std::nullopt;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, &freeifaddrs);
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != family) continue;
    if ((entry->ifa_flags & IFF_UP) == 0) continue;
    const auto length = family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    const auto endpoint = io_linux::to_endpoint(entry->ifa_addr, static_cast<socklen_t>(length));
    if (endpoint && of_use_elsewhere(endpoint->address)) return endpoint->address;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Address> outgoing_addresses() {
  struct Far {
    Address address;
    int family;
  };
  // Addresses for documentation (RFC 3849, RFC 5737): routed as any far one is.
  const Far fars[] = {{*Address::parse("2001:db8::1"), AF_INET6},
                      {Address::v4(192, 0, 2, 1), AF_INET}};
  std::vector<Address> found;
  for (const Far& far : fars) {
    auto address = address_towards(far.address, far.family);
    if (!address) address = address_of_interface(far.family);
    if (address) found.push_back(*address);
  }
  return found;
}

std::vector<Endpoint> reachable_endpoints(const Endpoint& listening,
                                          const std::vector<Address>& outgoing) {
  if (!listening.address.is_unspecified()) return {listening};
  std::vector<Endpoint> endpoints;
  const bool v4_only = listening.address.is_v4_mapped();
  for (const Address& address : outgoing) {
    if (v4_only && !address.is_v4_mapped()) continue;
    endpoints.push_back({address, listening.port});
  }
  if (endpoints.empty()) {
    endpoints.push_back(
        {v4_only ? Address::v4(127, 0, 0, 1) : Address::loopback(), listening.port});
  }
  return endpoints;
}

}  // namespace p2p::app
