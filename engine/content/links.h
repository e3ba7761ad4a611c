// Where the symbolic links of a directory lead: none may lead out of it.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace p2p {

struct TreeLink {
  std::string_view path;    // of the link in the directory, as in a listing
  std::string_view target;  // what it leads to, from the folder that it stands in
};

// Follows the links as a kernel would, through each other too, whatever else is in the directory.
// What leads nowhere is taken to lead where its words say.
//
// Returns which of them lead out of the directory, as indices: absolute ones, those with ".."
// beyond the top, and those that can't be links or can't be followed here (empty, with a zero byte,
// more than 1,024 parts on the way). More than 40 links on the way, such as a link to itself, lead
// nowhere, and not out. Requires links in ascending order of their paths.
std::vector<size_t> links_that_lead_out(std::span<const TreeLink> links);

}  // namespace p2p
