// What `p2pnode peers` and `p2pnode status` ask the running node: one line of JSON on its control
// socket, such as {"schema":1,"ask":"why","endpoint":"192.0.2.7:8100"}.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "engine/base/endpoint.h"

namespace p2p::app {

// Of questions, answers, and what --json prints. A change that would mislead an older reader gets
// the next number; new keys alone do not.
inline constexpr int kLookSchema = 1;

struct AskPeers {};
struct AskStatus {};
struct AskWhy {
  Endpoint endpoint;
};
using LookRequest = std::variant<AskPeers, AskStatus, AskWhy>;

std::string request_line(const LookRequest& request);
// Or what is wrong with the line, as a sentence. Throws nothing.
std::variant<LookRequest, std::string> parse_request(std::string_view line);

}  // namespace p2p::app
