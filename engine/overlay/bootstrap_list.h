// The hosts that a person named for bootstrapping, each tried for ever: resolve, dial its addresses
// in turn, keep the connection, and when all fail or it is lost wait and resolve anew. The wait is
// 1 s doubling to 60 s, a quarter more or less (docs/protocol.md, Bootstrap and peer exchange). A
// host that was reached and lost while the node has neighbours enough rests for 8 hours, and is
// tried sooner only when it is needed: else a thousand nodes would dial it once a minute each, to
// be told that it is full.
//
// A value without I/O: due() says what to do, and whoever does it reports back. What is worth a
// line to a person comes back as a report: the first failure, a failure with another cause than the
// one last said, and that a host is reached, at first and after a failure was said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/endpoint.h"
#include "engine/base/random.h"
#include "engine/base/time.h"
#include "engine/core/endpoint_story.h"

namespace p2p {

class BootstrapList {
 public:
  static constexpr Duration kFirstRetry = Duration::seconds(1);
  static constexpr Duration kLongestRetry = Duration::seconds(60);
  static constexpr Duration kRest = Duration::minutes(8 * 60);
  // A shorter connection counts as a failure for the backoff.
  static constexpr Duration kLastingConnection = Duration::seconds(60);
  // Of one host; a name with more is cut off, in the resolver's order.
  static constexpr size_t kAddressesMax = 32;

  struct Unreachable {
    HostPort host;
    std::string why;
    Duration retry_in;
  };
  struct Reached {
    HostPort host;
    Endpoint endpoint;
  };
  struct ToResolve {
    size_t index = 0;  // for resolved() and resolve_failed()
    HostPort host;
  };
  struct Due {
    std::vector<ToResolve> resolve;
    std::vector<Endpoint> dial;  // no endpoint twice
  };

  explicit BootstrapList(std::vector<HostPort> hosts);

  // What to do now. Each item is handed out once and then awaits its answer: resolved or
  // resolve_failed; reached, dial_failed or own. An endpoint that a connection lives with already
  // is answered by reached, without a dial. Hosts that are addresses need no resolving. May be
  // called again at once after any answer.
  Due due(Time now);
  // When due() will have something, which may have passed; Time::never(): only after an answer.
  Time next_due() const;

  // Requires an index that due() gave, and endpoints (none is resolve_failed). A late answer is
  // ignored.
  void resolved(size_t index, const std::vector<Endpoint>& endpoints, Time now);
  std::optional<Unreachable> resolve_failed(size_t index, std::string_view error, Time now,
                                            Random& random);
  // The rest is for any connection to that endpoint, whoever wanted it; hosts that it doesn't
  // concern are left as they are. `why` is without the endpoint, e.g. "connection refused".
  std::vector<Unreachable> dial_failed(const Endpoint& endpoint, std::string_view why, Time now,
                                       Random& random);
  // A connection with it lives, and it isn't this node.
  std::vector<Reached> reached(const Endpoint& endpoint, Time now);
  // Whether a host was reached there, and not lost since.
  bool is_reached_at(const Endpoint& endpoint) const;
  // Whether a dial there was handed out whose answer is awaited.
  bool awaits(const Endpoint& endpoint) const;
  // No connection with it lives any more. `needed`: there are too few others.
  void lost(const Endpoint& endpoint, bool needed, Time now, Random& random);
  // There are too few others now: hosts that rest are due.
  void rouse(Time now);
  // It is this very node: never dialled again. A host that has other addresses goes on with those,
  // one that has none is done; so is a name that resolves to nothing else later.
  std::vector<Unreachable> own(const Endpoint& endpoint, Time now, Random& random);

  // Those that a connection lives with, in the order of the hosts, none twice.
  std::vector<Endpoint> reached_endpoints() const;
  // One address of each host that has any, the one that is its turn, none twice.
  std::vector<Endpoint> endpoints() const;
  // Of the first host that has this address; nullopt: none has, as far as is known.
  std::optional<BootstrapStory> story(const Endpoint& endpoint) const;

 private:
  enum class State {
    waiting,    // until `at`; then it is resolved, or dialled if it is an address
    resolving,  // an answer is awaited
    to_dial,    // since `at`, endpoints[next] is to be handed out
    dialling,   // an answer for endpoints[next] is awaited
    reached,    // through endpoints[next]
    done,       // it is this node
  };
  struct Host {
    HostPort name;
    bool is_literal = false;  // an address, which is the only one of `endpoints`
    State state = State::waiting;
    bool resolver_busy = false;  // handed out and not answered, in whatever state
    bool resting = false;        // it waits, but not after a failure
    Time at;
    std::vector<Endpoint> endpoints;  // those last resolved
    size_t next = 0;
    std::set<std::string> causes;  // of this round's failures
    uint32_t retries = 0;          // rounds in a row that failed, which set the backoff
    Time reached_at;
    bool reach_said = false;
    std::string failure_said;  // empty: none since it was last reached
  };

  void start_round(Host& host, Time now);
  // On to the address at host.next, or if there is none the round has failed.
  std::optional<Unreachable> go_on(Host& host, Time now, Random& random);
  std::optional<Unreachable> fail_round(Host& host, Time now, Random& random);
  Duration wait_longer(Host& host, Time now, Random& random);

  std::vector<Host> hosts_;
  std::set<Endpoint> dialling_;  // handed out and not answered
  std::set<Endpoint> own_;       // of addresses that hosts had
};

}  // namespace p2p
