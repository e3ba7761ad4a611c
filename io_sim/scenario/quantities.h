// Rates, fractions and exact durations as scenario files write them. Sizes and durations are read
// as everywhere in the project (engine/base/quantity.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.h"
#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

// Bits a second. Decimal digits and one of bit, kbit, Mbit, Gbit, or of B, kB, KB, MB, GB for as
// many bytes; one space may stand between. nullopt for anything else, and for what is too large.
std::optional<uint64_t> parse_rate(std::string_view text);
// parse_rate reads it: "100Mbit", "1500bit".
std::string rate_text(uint64_t bits_per_second);

// The nearest of a number from 0 to 1; nullopt for any other. This and share_of are the only places
// of the simulator in which a floating-point number is turned into something else.
std::optional<Probability> probability_of(double fraction);
// The shortest decimal fraction that probability_of turns into the same: "0.01", "0.5", "1.0".
std::string probability_text(Probability probability);

// Of a number above 0 and up to 1 with at most six decimals; nullopt for any other.
std::optional<Share> share_of(double fraction);
// The shortest decimal fraction that share_of turns into the same.
std::string share_text(Share share);

// parse_duration reads it: "90s", "5min". Rounded up to whole milliseconds, as there is no shorter
// unit.
std::string exact_duration_text(Duration duration);

}  // namespace p2p::sim
