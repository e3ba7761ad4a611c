#include "engine/overlay/lookup.h"

#include <algorithm>
#include <utility>

#include "engine/overlay/place.h"

namespace p2p {

const Lookup::Candidate* Lookup::find(const Endpoint& endpoint) const {
  const auto found = candidates_.find(distance(id_, place_of(endpoint)));
  return found == candidates_.end() ? nullptr : &found->second;
}

Lookup::Candidate* Lookup::find(const Endpoint& endpoint) {
  return const_cast<Candidate*>(std::as_const(*this).find(endpoint));
}

void Lookup::add(const Endpoint& endpoint, Origin origin) {
  if (Candidate* const known = find(endpoint)) {
    known->bootstrap = known->bootstrap || origin == Origin::bootstrap;
    known->hearsay = known->hearsay && origin == Origin::hearsay;
    return;
  }
  Candidate candidate;
  candidate.endpoint = endpoint;
  candidate.bootstrap = origin == Origin::bootstrap;
  candidate.hearsay = origin == Origin::hearsay;
  insert(std::move(candidate));
}

// Where there is no room, for the farthest of those that have not been asked.
void Lookup::insert(Candidate candidate) {
  const Digest away = distance(id_, place_of(candidate.endpoint));
  if (candidates_.size() >= kCandidatesMax) {
    auto farthest = candidates_.end();
    do {
      if (farthest == candidates_.begin()) return;
      --farthest;
    } while (farthest->second.state != State::known || farthest->second.bootstrap);
    if (farthest->first < away && !candidate.bootstrap) return;
    candidates_.erase(farthest);
  }
  candidates_.emplace(away, std::move(candidate));
}

bool Lookup::is_waited_for(const Candidate& candidate, Time now) const {
  return candidate.state == State::asked && now < candidate.asked_at + kGivenUpAfter;
}

bool Lookup::is_slow(const Candidate& candidate, Time now) const {
  return candidate.state == State::asked && now >= candidate.asked_at + kSlowAfter;
}

bool Lookup::may_be_asked(const Candidate& candidate) const {
  if (candidate.state != State::known) return false;
  if (candidate.bootstrap) return true;
  if (candidate.hearsay && hearsay_asks_ >= kHearsayMax) return false;
  const Address& address = candidate.endpoint.address;
  const auto there = asked_at_address_.find(address);
  if (!address.is_loopback() && there != asked_at_address_.end() &&
      there->second >= kOfAddressMax) {
    return false;
  }
  if (!candidate.named_by) return true;
  const auto teller = candidates_.find(*candidate.named_by);
  return teller == candidates_.end() || teller->second.lies < kLiesMax;
}

Lookup::Candidates::const_iterator Lookup::choose(Time now) const {
  if (now >= start_ + kOverAfter || asks_ >= kAsksMax) return candidates_.end();
  size_t waited_for = 0;
  for (auto it = candidates_.begin(); it != candidates_.end(); ++it) {
    const Candidate& candidate = it->second;
    if (candidate.bootstrap && candidate.state == State::known) return it;
    const bool prompt = candidate.state == State::asked && !is_slow(candidate, now);
    if (prompt && !candidate.bootstrap) ++waited_for;
  }
  if (waited_for >= kParallel) return candidates_.end();
  size_t nearest = 0;
  for (auto it = candidates_.begin(); it != candidates_.end() && nearest < kNearest; ++it) {
    const Candidate& candidate = it->second;
    if (may_be_asked(candidate)) return it;
    const bool counts = candidate.state == State::answered ||
                        (candidate.state == State::asked && !is_slow(candidate, now));
    if (counts) ++nearest;
  }
  return candidates_.end();
}

std::optional<Endpoint> Lookup::next(Time now) {
  give_up(now);
  const auto chosen = choose(now);
  if (chosen == candidates_.end()) return std::nullopt;
  Candidate& candidate = candidates_.find(chosen->first)->second;
  candidate.state = State::asked;
  candidate.asked_at = now;
  ++asks_;
  if (candidate.bootstrap) return candidate.endpoint;
  if (candidate.hearsay) ++hearsay_asks_;
  ++asked_at_address_[candidate.endpoint.address];
  return candidate.endpoint;
}

void Lookup::answered(const Endpoint& from, std::span<const Endpoint> named) {
  Candidate* const teller = find(from);
  if (teller == nullptr || teller->state == State::known) return;
  if (teller->state == State::answered) return;
  teller->state = State::answered;
  ++answers_;
  const Digest by = distance(id_, place_of(from));
  for (const Endpoint& endpoint : named.first(std::min(named.size(), kNearest))) {
    if (Candidate* const known = find(endpoint)) {
      known->hearsay = false;
      continue;
    }
    Candidate candidate;
    candidate.endpoint = endpoint;
    candidate.named_by = by;
    insert(std::move(candidate));
  }
}

void Lookup::failed(const Endpoint& endpoint) {
  Candidate* const candidate = find(endpoint);
  if (candidate != nullptr && candidate->state == State::asked) fail(*candidate);
}

void Lookup::fail(Candidate& candidate) {
  candidate.state = State::failed;
  if (!candidate.named_by) return;
  const auto teller = candidates_.find(*candidate.named_by);
  if (teller != candidates_.end()) ++teller->second.lies;
}

void Lookup::give_up(Time now) {
  for (auto& [away, candidate] : candidates_) {
    if (candidate.state == State::asked && !is_waited_for(candidate, now)) fail(candidate);
  }
}

bool Lookup::over(Time now) const {
  if (now >= start_ + kOverAfter) return true;
  const bool waiting = std::any_of(candidates_.begin(), candidates_.end(), [&](const auto& entry) {
    return is_waited_for(entry.second, now);
  });
  return !waiting && choose(now) == candidates_.end();
}

Time Lookup::next_due(Time now) const {
  if (over(now)) return Time::never();
  if (choose(now) != candidates_.end()) return now;
  Time due = start_ + kOverAfter;
  for (const auto& [away, candidate] : candidates_) {
    if (candidate.state != State::asked) continue;
    for (const Duration wait : {kSlowAfter, kGivenUpAfter}) {
      if (candidate.asked_at + wait > now) due = std::min(due, candidate.asked_at + wait);
    }
  }
  return due;
}

std::vector<Endpoint> Lookup::nearest_answered() const {
  std::vector<Endpoint> endpoints;
  for (const auto& [away, candidate] : candidates_) {
    if (endpoints.size() == kNearest) break;
    if (candidate.state == State::answered) endpoints.push_back(candidate.endpoint);
  }
  return endpoints;
}

bool Lookup::has_asked(const Endpoint& endpoint) const {
  const Candidate* const candidate = find(endpoint);
  return candidate != nullptr && candidate->state != State::known;
}

}  // namespace p2p
