// Columns that line up, for people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace p2p::app {

// One line for each row, each with its newline; two spaces between columns, no spaces at a line's
// end. `alignments` has a letter for each column, 'l' for left or 'r' for right; rows have at most
// as many cells. Cells are ASCII.
std::string table_text(std::string_view alignments,
                       const std::vector<std::vector<std::string>>& rows);

}  // namespace p2p::app
