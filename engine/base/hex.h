// Bytes as hex digits and back.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace p2p {

// Lower case.
std::string to_hex(std::span<const std::byte> bytes);
// Digits of either case, an even number of them; anything else is nullopt.
std::optional<std::vector<std::byte>> from_hex(std::string_view text);

}  // namespace p2p
