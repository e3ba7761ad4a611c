// The first event in which two traces differ.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace p2p::sim {

struct TraceDifference {
  uint64_t line = 0;                // from 1, in both
  std::vector<std::string> common;  // up to 5 lines before it
  std::optional<std::string> left;  // nullopt: that trace has ended
  std::optional<std::string> right;
};

// nullopt: they are equal. Reads both line by line; needs no memory for what is equal.
std::optional<TraceDifference> first_difference(std::istream& left, std::istream& right);

}  // namespace p2p::sim
