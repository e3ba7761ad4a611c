#include "io_sim/report/groups.h"

namespace p2p::sim {

namespace {

// "3" of "peer[3]"; empty for "boot".
std::string_view index_of(std::string_view node_name) {
  const size_t open = node_name.find('[');
  if (open == std::string_view::npos) return {};
  const size_t close = node_name.find(']', open);
  if (close == std::string_view::npos) return {};
  return node_name.substr(open + 1, close - open - 1);
}

std::string row_name(const std::string& first, const std::string& last) {
  if (first == last) return first;
  return std::string(group_of(first)) + "[" + std::string(index_of(first)) + ".." +
         std::string(index_of(last)) + "]";
}

}  // namespace

std::string_view group_of(std::string_view node_name) {
  return node_name.substr(0, node_name.find('['));
}

std::vector<NodeRow> rows_of_nodes(const Recording& recording, size_t each) {
  std::vector<NodeRow> rows;
  const auto& nodes = recording.nodes;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const bool begins = rows.empty() || i - rows.back().first >= each ||
                        group_of(nodes[i].name) != group_of(nodes[i - 1].name);
    if (begins) rows.push_back({"", i, i});
    rows.back().last = i;
  }
  for (NodeRow& row : rows) row.name = row_name(nodes[row.first].name, nodes[row.last].name);
  return rows;
}

}  // namespace p2p::sim
