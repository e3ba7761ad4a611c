#include "apps/p2pnode/text_table.h"

#include <algorithm>
#include <cstddef>

#include "engine/base/check.h"

namespace p2p::app {

std::string table_text(std::string_view alignments,
                       const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths(alignments.size());
  for (const auto& row : rows) {
    P2P_CHECK(row.size() <= widths.size());
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - row[i].size(), ' ');
      if (i > 0) line += "  ";
      line += alignments[i] == 'r' ? padding + row[i] : row[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace p2p::app
