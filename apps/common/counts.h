// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace p2p::app {

// 1234567 as "1,234,567".
std::string grouped(uint64_t number);
// "1 peer", "1,024 peers".
std::string counted(uint64_t number, const std::string& singular, const std::string& plural);

}  // namespace p2p::app
