// A part of a directory, chosen by paths: what is at such a path, and all that is below it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/content/listing.h"

namespace p2p {

// A path as a person writes it, as listings have them: "./photos//2019/" is "photos/2019". nullopt:
// no listing can have such a path (an absolute one, "..", "", no UTF-8).
std::optional<std::string> listing_path(std::string_view text);

// Whether the path is one of the chosen ones, or below one. No chosen ones: everything is.
bool is_chosen(std::string_view path, std::span<const std::string> chosen);

// For who has chosen a path that is not there: what stands in the deepest folder of it that is
// there, the likest names first, at most `count` paths.
std::vector<std::string> paths_near(std::span<const ListingEntry> entries, std::string_view missing,
                                    size_t count);

}  // namespace p2p
