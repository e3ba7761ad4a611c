#include "engine/overlay/bootstrap_list.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/base/check.h"
#include "engine/overlay/backoff.h"

namespace p2p {

namespace {

std::string joined(const std::set<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += "; ";
    text += part;
  }
  return text;
}

}  // namespace

BootstrapList::BootstrapList(std::vector<HostPort> hosts) {
  for (HostPort& name : hosts) {
    const bool twice = std::any_of(hosts_.begin(), hosts_.end(),
                                   [&name](const Host& host) { return host.name == name; });
    if (twice) continue;
    Host host;
    host.at = Time::from_ns(std::numeric_limits<int64_t>::min());
    if (const auto address = Address::parse(name.host)) {
      host.is_literal = true;
      host.endpoints.push_back({*address, name.port});
    }
    host.name = std::move(name);
    hosts_.push_back(std::move(host));
  }
}

BootstrapList::Due BootstrapList::due(Time now) {
  Due due;
  for (size_t i = 0; i < hosts_.size(); ++i) {
    Host& host = hosts_[i];
    if (host.state == State::waiting && host.at <= now) {
      if (host.is_literal) {
        start_round(host, now);
      } else {
        if (!host.resolver_busy) due.resolve.push_back({i, host.name});
        host.resolver_busy = true;
        host.state = State::resolving;
      }
    }
    if (host.state != State::to_dial) continue;
    const Endpoint& endpoint = host.endpoints[host.next];
    if (dialling_.insert(endpoint).second) due.dial.push_back(endpoint);
    host.state = State::dialling;
  }
  return due;
}

Time BootstrapList::next_due() const {
  Time next = Time::never();
  for (const Host& host : hosts_) {
    const bool timed = host.state == State::waiting || host.state == State::to_dial;
    if (timed) next = std::min(next, host.at);
  }
  return next;
}

void BootstrapList::start_round(Host& host, Time now) {
  host.causes.clear();
  host.next = 0;
  host.at = now;
  host.state = host.endpoints.empty() ? State::done : State::to_dial;
}

void BootstrapList::resolved(size_t index, const std::vector<Endpoint>& endpoints, Time now) {
  P2P_CHECK(index < hosts_.size() && !endpoints.empty());
  Host& host = hosts_[index];
  host.resolver_busy = false;
  if (host.state != State::resolving) return;
  host.endpoints.clear();
  for (const Endpoint& endpoint : endpoints) {
    if (host.endpoints.size() == kAddressesMax) break;
    const bool twice =
        std::find(host.endpoints.begin(), host.endpoints.end(), endpoint) != host.endpoints.end();
    if (!twice && !own_.contains(endpoint)) host.endpoints.push_back(endpoint);
  }
  start_round(host, now);
}

std::optional<BootstrapList::Unreachable> BootstrapList::resolve_failed(size_t index,
                                                                        std::string_view error,
                                                                        Time now, Random& random) {
  P2P_CHECK(index < hosts_.size());
  Host& host = hosts_[index];
  host.resolver_busy = false;
  if (host.state != State::resolving) return std::nullopt;
  host.causes = {std::string(error)};
  return fail_round(host, now, random);
}

std::vector<BootstrapList::Unreachable> BootstrapList::dial_failed(const Endpoint& endpoint,
                                                                   std::string_view why, Time now,
                                                                   Random& random) {
  dialling_.erase(endpoint);
  std::vector<Unreachable> reports;
  for (Host& host : hosts_) {
    if (host.state != State::dialling || host.endpoints[host.next] != endpoint) continue;
    host.causes.insert(std::string(why));
    ++host.next;
    if (auto report = go_on(host, now, random)) reports.push_back(std::move(*report));
  }
  return reports;
}

std::optional<BootstrapList::Unreachable> BootstrapList::go_on(Host& host, Time now,
                                                               Random& random) {
  if (host.next == host.endpoints.size()) return fail_round(host, now, random);
  host.state = State::to_dial;
  host.at = now;
  return std::nullopt;
}

// The cause is that of all addresses together and in no order of theirs, which a resolver changes
// from one answer to the next.
std::optional<BootstrapList::Unreachable> BootstrapList::fail_round(Host& host, Time now,
                                                                    Random& random) {
  const Duration wait = wait_longer(host, now, random);
  std::string why = joined(host.causes);
  if (why.empty() || why == host.failure_said) return std::nullopt;
  host.failure_said = why;
  return Unreachable{host.name, std::move(why), wait};
}

Duration BootstrapList::wait_longer(Host& host, Time now, Random& random) {
  const Duration wait = backoff(host.retries, kFirstRetry, kLongestRetry, random);
  ++host.retries;
  host.state = State::waiting;
  host.resting = false;
  host.at = now + wait;
  return wait;
}

std::vector<BootstrapList::Reached> BootstrapList::reached(const Endpoint& endpoint, Time now) {
  dialling_.erase(endpoint);
  std::vector<Reached> reports;
  for (Host& host : hosts_) {
    if (host.state == State::reached) continue;
    const auto it = std::find(host.endpoints.begin(), host.endpoints.end(), endpoint);
    if (it == host.endpoints.end()) continue;
    host.state = State::reached;
    host.next = static_cast<size_t>(it - host.endpoints.begin());
    host.reached_at = now;
    if (!host.reach_said || !host.failure_said.empty()) reports.push_back({host.name, endpoint});
    host.reach_said = true;
    host.failure_said.clear();
  }
  return reports;
}

bool BootstrapList::is_reached_at(const Endpoint& endpoint) const {
  return std::any_of(hosts_.begin(), hosts_.end(), [&](const Host& host) {
    return host.state == State::reached && host.endpoints[host.next] == endpoint;
  });
}

bool BootstrapList::awaits(const Endpoint& endpoint) const {
  return std::any_of(hosts_.begin(), hosts_.end(), [&](const Host& host) {
    return host.state == State::dialling && host.endpoints[host.next] == endpoint;
  });
}

void BootstrapList::lost(const Endpoint& endpoint, bool needed, Time now, Random& random) {
  for (Host& host : hosts_) {
    if (host.state != State::reached || host.endpoints[host.next] != endpoint) continue;
    if (now - host.reached_at >= kLastingConnection) host.retries = 0;
    if (needed) {
      wait_longer(host, now, random);
      continue;
    }
    host.state = State::waiting;
    host.resting = true;
    host.at = now + random.jittered(kRest);
  }
}

void BootstrapList::rouse(Time now) {
  for (Host& host : hosts_) {
    if (host.state != State::waiting || !host.resting) continue;
    host.resting = false;
    host.at = std::min(host.at, now);
  }
}

std::vector<BootstrapList::Unreachable> BootstrapList::own(const Endpoint& endpoint, Time now,
                                                           Random& random) {
  dialling_.erase(endpoint);
  std::vector<Unreachable> reports;
  for (Host& host : hosts_) {
    const auto it = std::find(host.endpoints.begin(), host.endpoints.end(), endpoint);
    if (it == host.endpoints.end()) continue;
    own_.insert(endpoint);
    const auto index = static_cast<size_t>(it - host.endpoints.begin());
    host.endpoints.erase(it);
    if (host.state == State::resolving) continue;
    if (host.endpoints.empty()) {
      host.state = State::done;
      continue;
    }
    const bool in_turn = index == host.next;
    if (index < host.next) --host.next;
    if (host.state == State::waiting || !in_turn) continue;
    if (auto report = go_on(host, now, random)) reports.push_back(std::move(*report));
  }
  return reports;
}

std::vector<Endpoint> BootstrapList::reached_endpoints() const {
  std::vector<Endpoint> endpoints;
  for (const Host& host : hosts_) {
    if (host.state != State::reached) continue;
    const Endpoint& endpoint = host.endpoints[host.next];
    const bool twice = std::find(endpoints.begin(), endpoints.end(), endpoint) != endpoints.end();
    if (!twice) endpoints.push_back(endpoint);
  }
  return endpoints;
}

std::vector<Endpoint> BootstrapList::endpoints() const {
  std::vector<Endpoint> endpoints;
  for (const Host& host : hosts_) {
    if (host.endpoints.empty()) continue;
    const Endpoint& endpoint = host.endpoints[std::min(host.next, host.endpoints.size() - 1)];
    const bool twice = std::find(endpoints.begin(), endpoints.end(), endpoint) != endpoints.end();
    if (!twice) endpoints.push_back(endpoint);
  }
  return endpoints;
}

std::optional<BootstrapStory> BootstrapList::story(const Endpoint& endpoint) const {
  const auto host = std::find_if(hosts_.begin(), hosts_.end(), [&endpoint](const Host& one) {
    return std::find(one.endpoints.begin(), one.endpoints.end(), endpoint) != one.endpoints.end();
  });
  if (host == hosts_.end()) return std::nullopt;
  const auto state = [&host] {
    switch (host->state) {
      case State::waiting:
        return BootstrapStory::State::waiting;
      case State::resolving:
        return BootstrapStory::State::resolving;
      case State::to_dial:
      case State::dialling:
        return BootstrapStory::State::dialling;
      case State::reached:
        return BootstrapStory::State::reached;
      case State::done:
        return BootstrapStory::State::own;
    }
    check_failed("a bootstrap host's state without a story");
  };
  // While a round goes on its causes are incomplete, and those of the last one gone.
  const std::string why = host->causes.empty() ? host->failure_said : joined(host->causes);
  return BootstrapStory{host->name, state(), host->at, host->retries, why};
}

}  // namespace p2p
