// What stands behind the time and the node's name in a line of a trace. Lists are cut short, and
// then a hash of the whole list follows, so that what differs anywhere differs in the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/endpoint.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/core/action.h"
#include "engine/core/event.h"

namespace p2p::sim {

std::string event_text(const p2p::Event& event);
std::string action_text(const p2p::Action& action);
std::string notice_text(const p2p::Notice& notice);
// Frames in words; bytes that don't make up whole frames in hex.
std::string bytes_text(std::span<const std::byte> bytes);
// The 37 bytes before a payload.
std::string payload_text(std::span<const std::byte> header);

// "12.345678901": seconds, nine digits after the point.
std::string seconds_text(Time at);
// "d3" dialled, "a4" accepted.
std::string conn_text(ConnId conn);
std::string conn_text(uint64_t conn);
// With the name before it and a space before that: " conn=d3", " op=5", " fetch=2".
std::string conn_field(ConnId conn);
std::string op_field(OpId op);
std::string fetch_field(FetchId fetch);
// The first 16 hex digits.
std::string short_digest(const Digest& digest);
std::string store_status_name(StoreStatus status);
// "3 [first, second, third]"; of more than eight, the first eight and a hash of all.
std::string list_text(std::span<const Digest> digests);
std::string list_text(std::span<const Endpoint> endpoints);

}  // namespace p2p::sim
