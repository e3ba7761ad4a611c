// Where the symbolic links of a directory lead: none may lead out of it.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "engine/content/listing.h"

namespace p2p {

// What all links of a directory may cost to follow: a step for each part on the way, and one more
// for every 64 bytes of the path that has been reached or of a target. Some seconds of work.
inline constexpr size_t kLinkStepsMax = size_t{1} << 24;

struct TreeLink {
  std::string_view path;    // of the link in the directory, as in a listing
  std::string_view target;  // what it leads to, from the folder that it stands in
};

struct LinksFollowed {
  std::vector<size_t> out;  // indices of the links that lead out of the directory
  bool all = true;          // else the steps were used up before the last link
};

// Follows the links as a kernel would, through each other too. What leads nowhere is taken to lead
// where its words say, down from a folder; to go up again, that folder must be one of the
// directory: a filesystem that takes names for equal which are not the same bytes may have a link
// of another name there.
//
// Lead out: absolute ones, those with ".." beyond the top or out of what is no folder here, those
// that can't be links (empty, with a zero byte), and those that can't be followed, such as a link
// to itself: more than 40 links or 1,024 parts on the way. Requires all entries of the directory
// and all links among them, both in ascending order of their paths.
LinksFollowed follow_links(std::span<const TreeLink> links, std::span<const ListingEntry> entries,
                           size_t steps_max = kLinkStepsMax);

}  // namespace p2p
