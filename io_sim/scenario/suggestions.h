// The known name that somebody most likely meant.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace p2p::sim {

// The nearest of `known`, if it is near enough: a third of the word's letters may be wrong, missing
// or swapped; large and small letters are the same. The first of several.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> known);

// How a message about an unknown word ends: "did you mean "x"?", or "there is x, y or z".
std::string meant(std::string_view word, std::span<const std::string_view> known);

// "x, y or z".
std::string alternatives(std::span<const std::string_view> names);
std::string in_quotes(std::string_view text);

}  // namespace p2p::sim
