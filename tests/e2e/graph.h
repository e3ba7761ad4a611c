// The graph of who is connected with whom, as running nodes tell it: p2pnode peers --json.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/node.h"

namespace p2p::testing {

// A node whose folder in the place has this name, and where it listens.
struct Member {
  std::string name;
  std::string endpoint;
};

// Identified connections that one of `members` dialled to another: pairs of indices.
using Edges = std::set<std::pair<size_t, size_t>>;
Edges edges_among(const Place& place, const std::vector<Member>& members);

// Into how many parts `count` nodes fall that have no connection between them.
size_t components(size_t count, const Edges& edges);

// Looks again and again until they are one component; false: not by the deadline.
bool become_one_component(const Place& place, const std::vector<Member>& members,
                          const Deadline& deadline);

}  // namespace p2p::testing
