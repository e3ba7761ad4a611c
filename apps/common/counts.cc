#include "apps/common/counts.h"

#include <cstddef>

namespace p2p::app {

std::string grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string counted(uint64_t number, const std::string& singular, const std::string& plural) {
  return grouped(number) + " " + (number == 1 ? singular : plural);
}

}  // namespace p2p::app
