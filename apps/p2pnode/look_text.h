// A node's answers (look_json.h) as people read them: aligned tables, human units.
//
// What is missing in an answer, as an older node leaves it out, is shown as "-". These throw
// std::exception when the answer is no JSON object or its parts have other types.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace p2p::app {

// The sentence with which the node refused; nullopt: it answered. Also when the answer is of
// another schema.
std::optional<std::string> refusal_in(std::string_view answer);
// Whether the node knows the endpoint that it was asked about.
bool is_known_in(std::string_view answer);

std::string peers_text(std::string_view answer);
std::string status_text(std::string_view answer);
std::string why_text(std::string_view answer);

// Whether the node fetches the content that it was asked about.
bool is_fetching_in(std::string_view answer);
// What a content lacks: in one line, then peer by peer, then piece by piece.
std::string content_text(std::string_view answer);

}  // namespace p2p::app
