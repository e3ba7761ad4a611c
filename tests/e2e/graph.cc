#include "tests/e2e/graph.h"

#include <map>
#include <numeric>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace p2p::testing {

Edges edges_among(const Place& place, const std::vector<Member>& members) {
  std::map<std::string, size_t> at;
  for (size_t i = 0; i < members.size(); ++i) at[members[i].endpoint] = i;
  Edges edges;
  for (size_t i = 0; i < members.size(); ++i) {
    const Finished asked = place.run(members[i].name, {"peers", "--json"});
    if (asked.status != ExitStatus{0, 0}) {
      throw std::runtime_error(members[i].name + " doesn't say whom it knows: " + asked.err);
    }
    const auto answer = nlohmann::json::parse(asked.out);
    for (const auto& peer : answer.at("peers")) {
      if (peer.at("direction") != "out" || !peer.at("identified").get<bool>()) continue;
      const auto found = at.find(peer.at("endpoint").get<std::string>());
      if (found != at.end()) edges.insert({i, found->second});
    }
  }
  return edges;
}

size_t components(size_t count, const Edges& edges) {
  std::vector<size_t> root(count);
  std::iota(root.begin(), root.end(), size_t{0});
  const auto root_of = [&root](size_t i) {
    while (root[i] != i) i = root[i] = root[root[i]];
    return i;
  };
  for (const auto& [a, b] : edges) root[root_of(a)] = root_of(b);
  size_t roots = 0;
  for (size_t i = 0; i < count; ++i) roots += size_t{root_of(i) == i};
  return roots;
}

bool become_one_component(const Place& place, const std::vector<Member>& members,
                          const Deadline& deadline) {
  while (!deadline.passed()) {
    if (components(members.size(), edges_among(place, members)) == 1) return true;
  }
  return false;
}

}  // namespace p2p::testing
