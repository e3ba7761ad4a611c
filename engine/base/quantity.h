// Sizes and times as people write them: "128KiB", "250ms". No floating point anywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.h"

namespace p2p {

// Bytes. Decimal digits, then no unit or one of B, KiB, MiB, GiB, TiB, PiB, EiB (powers of 1024),
// KB or kB, MB, GB, TB, PB, EB (powers of 1000); one space may stand between. The case of the B
// counts: "1Mib" is a number of bits to many, and refused. nullopt for anything else, and for what
// is too large for 64 bits.
std::optional<uint64_t> parse_size(std::string_view text);

// Decimal digits and one of ms, s, min, h; one space may stand between. nullopt for anything else,
// and for what is too large for a Duration.
std::optional<Duration> parse_duration(std::string_view text);

// For people, rounded to a tenth of a binary unit: "1 MiB", "1.5 KiB", "999 B".
std::string size_text(uint64_t bytes);
// For programs: exact, and parse_size reads it: "1MiB", "1536B" (no larger unit divides it).
std::string compact_size_text(uint64_t bytes);

// For people: "250 ms", "3 s", "2.5 s", "10 min", "1 min 30 s", "1 h 5 min".
std::string duration_text(Duration duration);

}  // namespace p2p
