// A node as JSON: what it answers to those who look into it, and what --json prints. One line each,
// an object with `schema`. docs/operations.md lists the keys.
//
// Names end with their units (_ms, _us), null stands for what is not known. Times are durations, as
// the clock of a node means nothing elsewhere.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/digest.h"
#include "engine/base/endpoint.h"
#include "engine/base/ids.h"
#include "engine/base/piece_size.h"
#include "engine/base/time.h"
#include "engine/core/content_story.h"
#include "engine/core/endpoint_story.h"
#include "engine/core/status.h"

namespace p2p::app {

// The kernel's estimate for a connection; nullopt: there is none.
using RoundTrip = std::function<std::optional<Duration>(ConnId)>;

struct NodeView {
  std::string version;
  int64_t process = 0;
  Endpoint listening;
  PieceSize piece_size;
  Duration uptime;
  Time now;  // at or after status.as_of
  Status status;
  RoundTrip round_trip;
};

std::string peers_json(const NodeView& view);
std::string status_json(const NodeView& view);
std::string why_json(const EndpointStory& story, Time now, const RoundTrip& round_trip);
// The node knows nothing of the endpoint.
std::string unknown_json(const Endpoint& endpoint);
// What a content lacks, and what peers said of it.
std::string content_json(const ContentStory& story, Time now);
// The node doesn't fetch it.
std::string unknown_content_json(const Digest& id);
// The question can't be answered; `error` is a sentence.
std::string error_json(std::string_view error);

}  // namespace p2p::app
