#include "io_sim/trace/diff.h"

#include <deque>
#include <istream>

namespace p2p::sim {

namespace {

constexpr size_t kCommonLines = 5;

bool read_line(std::istream& in, std::string& line) {
  return static_cast<bool>(std::getline(in, line));
}

std::optional<std::string> line_if(bool read, std::string line) {
  return read ? std::optional(std::move(line)) : std::nullopt;
}

}  // namespace

std::optional<TraceDifference> first_difference(std::istream& left, std::istream& right) {
  std::deque<std::string> common;
  std::string left_line;
  std::string right_line;
  for (uint64_t line = 1;; ++line) {
    const bool left_read = read_line(left, left_line);
    const bool right_read = read_line(right, right_line);
    if (!left_read && !right_read) return std::nullopt;
    if (left_read != right_read || left_line != right_line) {
      return TraceDifference{line,
                             {common.begin(), common.end()},
                             line_if(left_read, left_line),
                             line_if(right_read, right_line)};
    }
    common.push_back(left_line);
    if (common.size() > kCommonLines) common.pop_front();
  }
}

}  // namespace p2p::sim
