// The words of scenario files for the enumerations of scenario.h: each listed once, for reading,
// writing, messages, reports and documentation.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

template <class Enum>
struct Named {
  std::string_view name;
  Enum value;
};

std::span<const Named<Chunks>> chunks_names();
std::span<const Named<Behaviour>> behaviour_names();
std::span<const Named<Claim>> claim_names();
std::span<const Named<Deed>> deed_names();
std::span<const Named<DiskAfter>> disk_after_names();
std::span<const Named<DiskFault>> disk_fault_names();
std::span<const Named<FaultFamily>> fault_family_names();
std::span<const Named<Verdict>> verdict_names();

template <class Enum>
std::optional<Enum> value_of(std::span<const Named<Enum>> names, std::string_view name) {
  for (const auto& row : names) {
    if (row.name == name) return row.value;
  }
  return std::nullopt;
}
template <class Enum>
std::string_view name_of(std::span<const Named<Enum>> names, Enum value) {
  for (const auto& row : names) {
    if (row.value == value) return row.name;
  }
  return "";
}

// Whether the claim is about a number: Condition::count.
bool has_count(Claim claim);
// Whether it is about Condition::share, and whether that must be said.
bool has_share(Claim claim);
bool needs_share(Claim claim);

// "boot", "peer[3]", "peer[0..9]": as in scenario files. `single` as in NodeGroup.
std::string node_range_text(const NodeRange& range, bool single);

}  // namespace p2p::sim
