// What --json prints, and what the running node answers: an object of one line, with the number of
// its schema first (look_request.h).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace p2p::app {

nlohmann::ordered_json object_with_schema();

// Names, paths and a resolver's errors may be no UTF-8: what isn't is replaced.
std::string line_of(const nlohmann::ordered_json& json);

}  // namespace p2p::app
