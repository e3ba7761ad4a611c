// Why a node is connected with an endpoint, or is not, in one sentence.
#pragma once

#include <string>

#include "engine/base/time.h"
#include "engine/core/endpoint_story.h"

namespace p2p::app {

// Without capital and full stop. What stands most in the way comes first: that it is this node
// itself, that it is left alone, that dials fail, that there are connections enough.
std::string why_sentence(const EndpointStory& story, Time now);

// A time that has passed, or is to pass, in one unit rounded down: "0 s", "12 s", "3 min", "5 h",
// "2 d". Less than nothing is "0 s".
std::string span_text(Duration span);

}  // namespace p2p::app
