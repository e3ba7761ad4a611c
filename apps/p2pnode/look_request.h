// What `p2pnode peers`, `status` and `why` ask the running node: one line of JSON on its control
// socket, such as {"schema":1,"ask":"why","endpoint":"192.0.2.7:8100"}.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "engine/base/digest.h"
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
// What is missing of a content that is being fetched, so many pieces of it in full.
struct AskContent {
  Digest id;
  size_t pieces = 0;
};
using LookRequest = std::variant<AskPeers, AskStatus, AskWhy, AskContent>;

std::string request_line(const LookRequest& request);
// Or what is wrong with the line, as a sentence. Throws nothing.
std::variant<LookRequest, std::string> parse_request(std::string_view line);

}  // namespace p2p::app
