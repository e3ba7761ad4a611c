// Endpoints that a node leaves alone for a while, and addresses at which it dials nothing that it
// has only heard of.
//
// An endpoint at which all dials failed is not believed in for 10 minutes, and twice as long each
// time after that, up to 8 hours. An address at which dials on hearsay of four endpoints have
// failed rests for as long, up to a day, and after that again with every failure: until then
// nothing else at it is dialled on hearsay. So a lie that names somebody's address with thousands
// of ports costs him a few dials of each node, and one now and then, not one for every port. And
// where 16 addresses of one network rest, the network does, so that a lie can't go from address to
// address either. To speak with the address ends its rest. Loopback is exempt, and private networks
// as a whole: on one machine or in one house many nodes come and go.
//
// Bounds: as many endpoints as it was made for, and as many addresses; those that end first go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "engine/base/endpoint.h"
#include "engine/base/time.h"
#include "engine/core/contact.h"

namespace p2p {

class ShunList {
 public:
  static constexpr Duration kFirst = Duration::minutes(10);
  static constexpr Duration kLongest = Duration::minutes(8 * 60);
  static constexpr Duration kLongestOfAddress = Duration::minutes(24 * 60);
  static constexpr uint32_t kEndpointsOfAddress = 4;  // behind one NAT some may be out of reach
  static constexpr Duration kFailureCounts = Duration::minutes(60);
  static constexpr size_t kAddressesOfNetwork = 16;

  // Why an endpoint is left alone.
  struct Shunned {
    Time until;
    Time since;
    Time forgotten;      // when how often it was, too, is of no interest any more
    uint32_t times = 0;  // in a row, for being unreachable
    bool fault = false;
    Contact contact;  // what led to it, for people
  };

  // Requires max > 0.
  explicit ShunList(size_t max) : max_(max) {}

  // The node there broke the protocol: for 10 minutes.
  void add_fault(const Endpoint& endpoint, Time now);
  // All dials of it have failed, and it was never spoken with.
  void add_unreachable(const Endpoint& endpoint, Time now);
  // The first dial of an endpoint at this address, of which this node has only heard, has failed.
  // True: the address rests from now on.
  bool add_failure(const Address& address, Time now);
  // A connection with it has opened: it is reachable. A fault stays.
  void spoke_with(const Endpoint& endpoint);

  // Why it is left alone now; nullptr: it isn't. Until the next change.
  const Shunned* find(const Endpoint& endpoint, Time now) const;
  bool contains(const Endpoint& endpoint, Time now) const { return find(endpoint, now) != nullptr; }
  bool is_at_fault(const Endpoint& endpoint, Time now) const;
  // `when`, or the end of the endpoint's time here if that is later.
  Time not_before(const Endpoint& endpoint, Time when) const;
  // Whether nothing at this address is to be dialled on hearsay.
  bool rests(const Address& address, Time now) const;
  // Whether so many addresses of its network rest that nothing there is. Where somebody there was
  // spoken with, the book does not ask. Linear in those addresses.
  bool network_rests(const Address& address, Time now) const;
  // Whether something there has failed of late, so that the next is tried just once.
  bool suspects(const Address& address, Time now) const;
  // For people: what led to it. Nothing where the endpoint isn't here.
  void note(const Endpoint& endpoint, Contact contact);
  // How many endpoints are left alone now.
  size_t size(Time now) const;

 private:
  struct Rest {
    Time until;
    Time forgotten;
    uint32_t failures = 0;
    uint32_t times = 0;
  };

  Shunned& place(const Endpoint& endpoint, Time now);

  size_t max_;
  std::map<Endpoint, Shunned> endpoints_;
  std::map<Address, Rest> addresses_;
};

}  // namespace p2p
