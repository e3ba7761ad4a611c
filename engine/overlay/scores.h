// What this node holds against addresses whose peers broke the protocol, and from which of them it
// accepts no more connections than it can bear to.
//
// Closed connections leave points with the address at their other end (docs/operations.md, Who is
// refused). An address with too many is refused for five minutes, and each time it comes to that
// again for twice as long, four hours at the most. A network of which several addresses are refused
// at one time is refused as a whole for as long as they are.
//
// An address may be that of a router with a hundred honest nodes behind it. So what is open stays
// open, a single peer's fault is far from enough, and while an address is refused one connection is
// let in every ten seconds: whoever behaves gets in, only later. On loopback, where all programs of
// a machine share an address, connections are judged by themselves alone.
//
// Tables are bounded. Times never go back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/endpoint.h"
#include "engine/base/time.h"
#include "engine/overlay/points.h"

namespace p2p {

// An address or a network that is refused, for people.
struct Refusal {
  Address address;           // the first of the network, or of the /64, where it is one
  bool network = false;      // else an address
  Duration left;             // how long it still lasts
  uint64_t turned_away = 0;  // connections, since the refusal began
};

class Scores {
 public:
  // Ten connections that break the protocol (100 points each) within the time that points last.
  static constexpr uint32_t kRefusedFrom = 1000;
  static constexpr Duration kFirstRefusal = Duration::minutes(5);
  static constexpr Duration kLongestRefusal = Duration::minutes(4 * 60);
  // So many refused addresses make a refused network: two or three may be bad luck.
  static constexpr size_t kNetworkFrom = 4;
  // How often somebody is let in all the same.
  static constexpr Duration kAddressTrial = Duration::seconds(10);
  static constexpr Duration kNetworkTrial = Duration::seconds(1);
  static constexpr size_t kAddressesMax = 1024;

  enum class Verdict { welcome, address_refused, network_refused };

  // A connection with this address ended that had so many points.
  void charge(const Address& address, uint32_t points, Time now);

  // A connection from there was accepted: whether it may stay. Counts those that may not.
  Verdict judge(const Address& address, Time now);

  // Whether newcomers from there are turned away, but for one now and then. Nobody is dialled there
  // because others say that there is a node.
  bool refuses(const Address& address, Time now) const;
  uint32_t points(const Address& address, Time now) const;
  // By address; networks after addresses.
  std::vector<Refusal> refusals(Time now) const;
  size_t size() const { return records_.size(); }

 private:
  // Lets one in now and then.
  struct Gate {
    std::optional<Time> next_trial;
    uint64_t turned_away = 0;
    bool lets_in(Time now, Duration every);
  };
  struct Record {
    Points points;
    std::optional<Time> refused_until;  // the latest refusal's end
    Duration refused_for;               // how long that lasts
    Gate gate;
    bool refused(Time now) const { return refused_until && now < *refused_until; }
    bool forgotten(Time now) const;
  };
  using Records = std::map<Address, Record>;  // ordered, so a network's addresses are neighbours

  Record& record_for(const Address& site, Time now);
  void make_room(Time now);
  bool address_refused(const Address& address, Time now) const;
  // How many addresses of it are refused, counted up to kNetworkFrom; and when that will be fewer.
  std::optional<Time> network_refused_until(const Address& network, Time now) const;
  Gate& gate_of(const Address& network, Time now);

  Records records_;                // by site; at most kAddressesMax
  std::map<Address, Gate> gates_;  // of refused networks; at most as many as there can be
};

}  // namespace p2p
