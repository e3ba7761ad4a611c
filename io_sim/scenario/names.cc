#include "io_sim/scenario/names.h"

#include <array>

namespace p2p::sim {

namespace {

constexpr std::array<Named<Chunks>, 3> kChunks{{
    {"whole", Chunks::whole},
    {"segments", Chunks::segments},
    {"adversarial", Chunks::adversarial},
}};

constexpr std::array<Named<Behaviour>, 13> kBehaviours{{
    {"honest", Behaviour::honest},
    {"legacy", Behaviour::legacy},
    {"silent", Behaviour::silent},
    {"garbage", Behaviour::garbage},
    {"slow_loris", Behaviour::slow_loris},
    {"wrong_bytes", Behaviour::wrong_bytes},
    {"never_gives", Behaviour::never_gives},
    {"pex_poison", Behaviour::pex_poison},
    {"bad_frames", Behaviour::bad_frames},
    {"flood", Behaviour::flood},
    {"address_flood", Behaviour::address_flood},
    {"victim_liar", Behaviour::victim_liar},
    {"false_places", Behaviour::false_places},
}};

constexpr std::array<Named<Claim>, 19> kClaims{{
    {"connected", Claim::connected},
    {"knows_at_least", Claim::knows_at_least},
    {"knows_at_most", Claim::knows_at_most},
    {"knows", Claim::knows},
    {"holds", Claim::holds},
    {"wants_nothing", Claim::wants_nothing},
    {"no_connection_to", Claim::no_connection_to},
    {"connected_to", Claim::connected_to},
    {"diameter_at_most", Claim::diameter_at_most},
    {"degree_at_least", Claim::degree_at_least},
    {"degree_at_most", Claim::degree_at_most},
    {"running", Claim::running},
    {"not_running", Claim::not_running},
    {"share_of_connections_at_most", Claim::share_of_connections_at_most},
    {"honest_neighbours_at_least", Claim::honest_neighbours_at_least},
    {"dialled_honest_at_least", Claim::dialled_honest_at_least},
    {"dials_per_minute_at_most", Claim::dials_per_minute_at_most},
    {"bytes_per_hour_at_most", Claim::bytes_per_hour_at_most},
    {"pieces_given_at_least", Claim::pieces_given_at_least},
}};

constexpr std::array<Named<Deed>, 13> kDeedNames{{
    {"start", Deed::start},
    {"stop", Deed::stop},
    {"kill", Deed::kill},
    {"crash", Deed::crash},
    {"restart", Deed::restart},
    {"partition", Deed::partition},
    {"heal", Deed::heal},
    {"link", Deed::link},
    {"reset", Deed::reset},
    {"clog", Deed::clog},
    {"want", Deed::want},
    {"share", Deed::share},
    {"disk", Deed::disk},
}};

constexpr std::array<Named<DiskAfter>, 4> kDiskAfter{{
    {"keep", DiskAfter::keep},
    {"lose_unsynced", DiskAfter::lose_unsynced},
    {"wipe", DiskAfter::wipe},
    {"torn", DiskAfter::torn},
}};

constexpr std::array<Named<DiskFault>, 5> kDiskFaults{{
    {"full", DiskFault::full},
    {"failing", DiskFault::failing},
    {"rot", DiskFault::rot},
    {"slow", DiskFault::slow},
    {"good", DiskFault::good},
}};

constexpr std::array<Named<FaultFamily>, 9> kFaultFamilies{{
    {"loss", FaultFamily::loss},
    {"reset", FaultFamily::reset},
    {"clog", FaultFamily::clog},
    {"partition", FaultFamily::partition},
    {"crash", FaultFamily::crash},
    {"kill", FaultFamily::kill},
    {"disk", FaultFamily::disk},
    {"link", FaultFamily::link},
    {"clock", FaultFamily::clock},
}};

constexpr std::array<Named<Verdict>, 4> kVerdicts{{
    {"pass", Verdict::pass},
    {"violated", Verdict::violated},
    {"unmet", Verdict::unmet},
    {"nondeterministic", Verdict::nondeterministic},
}};

}  // namespace

std::span<const Named<Chunks>> chunks_names() { return kChunks; }
std::span<const Named<Behaviour>> behaviour_names() { return kBehaviours; }
std::span<const Named<Claim>> claim_names() { return kClaims; }
std::span<const Named<Deed>> deed_names() { return kDeedNames; }
std::span<const Named<DiskAfter>> disk_after_names() { return kDiskAfter; }
std::span<const Named<DiskFault>> disk_fault_names() { return kDiskFaults; }
std::span<const Named<FaultFamily>> fault_family_names() { return kFaultFamilies; }
std::span<const Named<Verdict>> verdict_names() { return kVerdicts; }

std::string node_range_text(const NodeRange& range, bool single) {
  if (single) return range.group;
  std::string text = range.group + "[" + std::to_string(range.first);
  if (range.last != range.first) text += ".." + std::to_string(range.last);
  return text + "]";
}

bool has_count(Claim claim) {
  switch (claim) {
    case Claim::knows_at_least:
    case Claim::knows_at_most:
    case Claim::diameter_at_most:
    case Claim::degree_at_least:
    case Claim::degree_at_most:
    case Claim::honest_neighbours_at_least:
    case Claim::dials_per_minute_at_most:
    case Claim::bytes_per_hour_at_most:
    case Claim::pieces_given_at_least:
      return true;
    case Claim::connected:
    case Claim::knows:
    case Claim::holds:
    case Claim::wants_nothing:
    case Claim::no_connection_to:
    case Claim::connected_to:
    case Claim::running:
    case Claim::not_running:
    case Claim::share_of_connections_at_most:
    case Claim::dialled_honest_at_least:
      return false;
  }
  return false;
}

bool needs_share(Claim claim) {
  return claim == Claim::share_of_connections_at_most || claim == Claim::dialled_honest_at_least;
}

bool has_share(Claim claim) {
  return claim == Claim::connected || claim == Claim::degree_at_least ||
         claim == Claim::degree_at_most || needs_share(claim);
}

}  // namespace p2p::sim
