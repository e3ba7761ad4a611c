// The errors found while a scenario file is read, with their places in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io_sim/scenario/parse.h"

namespace p2p::sim {

struct Place {
  uint32_t line = 1;    // from 1
  uint32_t column = 1;  // from 1, in characters
};

class ErrorList {
 public:
  // `source` outlives it.
  ErrorList(std::string_view source, std::string file);

  void add(Place place, std::string message);
  size_t size() const { return errors_.size(); }
  // In the order of the file.
  std::vector<ScenarioError> in_order() const;

 private:
  std::vector<std::string_view> lines_;
  std::string file_;
  std::vector<ScenarioError> errors_;
};

}  // namespace p2p::sim
