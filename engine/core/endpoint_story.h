// What a node knows of one endpoint: who told it, what came of it, and what stands in the way of a
// connection. For people who ask why there is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/endpoint.h"
#include "engine/base/time.h"
#include "engine/core/contact.h"
#include "engine/core/status.h"

namespace p2p {

// What the address book says of an endpoint.
struct BookStory {
  enum class Set {
    none,     // not in the book
    hearsay,  // somebody said that there is a node
    tried,    // this node has spoken with it
  };
  Set set = Set::none;
  bool own = false;  // a dial to it reached this very node

  // It is neither dialled nor believed in until then; now or earlier: it is not shunned.
  std::optional<Time> shunned_until;
  bool at_fault = false;  // shunned for breaking the protocol, else for dials that failed

  // Of what is in the book. Times that are stored are whole seconds, rounded down.
  std::optional<Address> informant;  // nullopt: nobody said it; it was dialled, or came by itself
  Time entered;                      // heard of, or spoken with, at first
  bool reachable = false;            // a dial has succeeded, and none has failed since
  std::optional<Time> last_alive;    // the end of the last connection; now while there is one
  uint32_t failures = 0;             // in a row
  Time next_dial;                    // not before; meaningful without connections
  Contact contact;
  Time contact_at;  // when `contact` came to be; meaningful unless it is none
};

// A host that a person named for bootstrapping, one of whose addresses the endpoint is.
struct BootstrapStory {
  enum class State { waiting, resolving, dialling, reached, own };
  HostPort host;
  State state = State::waiting;
  Time next_try;          // meaningful while waiting
  uint32_t failures = 0;  // rounds of its addresses, in a row
  std::string why;        // what the last round met with, "connection refused"; may be empty
};

struct EndpointStory {
  Endpoint endpoint;
  Time as_of;  // the latest event's; times below are relative to no other clock
  BookStory book;
  std::optional<BootstrapStory> bootstrap;
  std::vector<PeerStatus> connections;  // open ones with the node there, or from this very endpoint
  size_t dials_under_way = 0;           // to it
  bool refused = false;                 // its address or network is: overlay/scores.h
  // Whether this node would dial one more now, of all that are due: it has fewer dialled
  // connections than it aims at, and fewer half-open ones than it may have.
  bool room_to_dial = false;
  size_t dialled = 0;      // dialled connections, half-open ones too
  size_t dial_target = 0;  // how many it aims at
};

}  // namespace p2p
