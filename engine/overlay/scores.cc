#include "engine/overlay/scores.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/overlay/network_group.h"

namespace p2p {

namespace {

// Every refused network has so many refused addresses of its own in the table.
constexpr size_t kGatesMax = Scores::kAddressesMax / Scores::kNetworkFrom;

}  // namespace

bool Scores::Gate::lets_in(Time now, Duration every) {
  if (next_trial && now < *next_trial) {
    ++turned_away;
    return false;
  }
  next_trial = now + every;
  return true;
}

// How long the last refusal was is remembered for as long again, so that the next one is longer.
bool Scores::Record::forgotten(Time now) const {
  if (points.at(now) > 0) return false;
  return !refused_until || now >= *refused_until + refused_for;
}

void Scores::charge(const Address& address, uint32_t points, Time now) {
  if (points == 0 || address.is_loopback()) return;
  Record& record = record_for(site_of(address), now);
  if (record.refused(now)) {
    // A refusal that has begun is not made longer by those who were connected before: what comes to
    // light now counts when it has ended.
    const uint32_t room = kRefusedFrom - 1 - std::min(kRefusedFrom - 1, record.points.at(now));
    record.points.add(std::min(points, room), now);
    return;
  }
  record.points.add(points, now);
  if (record.points.at(now) < kRefusedFrom) return;
  record.refused_for =
      record.refused_until ? std::min(record.refused_for * 2, kLongestRefusal) : kFirstRefusal;
  record.refused_until = now + record.refused_for;
  record.gate = {};
  record.points = {};
}

Scores::Record& Scores::record_for(const Address& site, Time now) {
  const auto found = records_.find(site);
  if (found != records_.end()) {
    if (found->second.forgotten(now)) found->second = {};
    return found->second;
  }
  if (records_.size() >= kAddressesMax) make_room(now);
  return records_[site];
}

// Those that are forgotten go; if there are none, the one that matters least: not refused before
// refused, fewer points before more, an earlier end before a later one.
void Scores::make_room(Time now) {
  std::erase_if(records_, [&](const auto& entry) { return entry.second.forgotten(now); });
  if (records_.size() < kAddressesMax) return;
  const auto matters_less = [now](const auto& a, const auto& b) {
    const bool a_refused = a.second.refused(now);
    const bool b_refused = b.second.refused(now);
    if (a_refused != b_refused) return b_refused;
    if (a_refused) return *a.second.refused_until < *b.second.refused_until;
    return a.second.points.at(now) < b.second.points.at(now);
  };
  records_.erase(std::min_element(records_.begin(), records_.end(), matters_less));
}

bool Scores::address_refused(const Address& address, Time now) const {
  const auto found = records_.find(site_of(address));
  return found != records_.end() && found->second.refused(now);
}

std::optional<Time> Scores::network_refused_until(const Address& network, Time now) const {
  if (network.is_unspecified()) return std::nullopt;  // of this machine, or of a local network
  std::vector<Time> ends;
  for (auto it = records_.lower_bound(network);
       it != records_.end() && network_group(it->first) == network; ++it) {
    if (it->second.refused(now)) ends.push_back(*it->second.refused_until);
  }
  if (ends.size() < kNetworkFrom) return std::nullopt;
  // It lasts until all but three of them are refused no longer.
  std::nth_element(ends.begin(), ends.end() - kNetworkFrom, ends.end());
  return *(ends.end() - kNetworkFrom);
}

Scores::Gate& Scores::gate_of(const Address& network, Time now) {
  if (!gates_.contains(network)) {
    std::erase_if(gates_, [&](const auto& entry) {
      return !network_refused_until(entry.first, now).has_value();
    });
    P2P_CHECK(gates_.size() < kGatesMax);
  }
  return gates_[network];
}

Scores::Verdict Scores::judge(const Address& address, Time now) {
  if (address.is_loopback()) return Verdict::welcome;
  const auto found = records_.find(site_of(address));
  if (found != records_.end() && found->second.refused(now) &&
      !found->second.gate.lets_in(now, kAddressTrial)) {
    return Verdict::address_refused;
  }
  const Address network = network_group(address);
  if (network_refused_until(network, now) && !gate_of(network, now).lets_in(now, kNetworkTrial)) {
    return Verdict::network_refused;
  }
  return Verdict::welcome;
}

bool Scores::refuses(const Address& address, Time now) const {
  if (address.is_loopback()) return false;
  return address_refused(address, now) ||
         network_refused_until(network_group(address), now).has_value();
}

uint32_t Scores::points(const Address& address, Time now) const {
  const auto found = records_.find(site_of(address));
  return found == records_.end() ? 0 : found->second.points.at(now);
}

std::vector<Refusal> Scores::refusals(Time now) const {
  std::vector<Refusal> all;
  std::vector<Refusal> networks;
  for (const auto& [site, record] : records_) {
    if (!record.refused(now)) continue;
    all.push_back({site, false, *record.refused_until - now, record.gate.turned_away});
    const Address network = network_group(site);
    if (!networks.empty() && networks.back().address == network) continue;
    if (const auto until = network_refused_until(network, now)) {
      const auto gate = gates_.find(network);
      networks.push_back(
          {network, true, *until - now, gate == gates_.end() ? 0 : gate->second.turned_away});
    }
  }
  all.insert(all.end(), networks.begin(), networks.end());
  return all;
}

}  // namespace p2p
