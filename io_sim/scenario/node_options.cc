#include "io_sim/scenario/node_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "engine/base/quantity.h"

namespace p2p::sim {

namespace {

// A shorter deadline or interval would only keep the engine busy.
constexpr Duration kShortest = Duration::milliseconds(100);
constexpr Duration kLongest = Duration::minutes(int64_t{24} * 60);
constexpr size_t kLargest = size_t{1} << 30;

template <Duration Limits::*Member>
std::string apply_duration(Config& config, std::string_view value) {
  const auto duration = parse_duration(value);
  if (!duration) return "is not a duration such as \"250ms\", \"5s\", \"10min\" or \"1h\"";
  if (*duration < kShortest || *duration > kLongest) return "is not from 100ms to 24h";
  config.limits.*Member = *duration;
  return "";
}

template <size_t Limits::*Member, size_t Least, size_t Most>
std::string apply_count(Config& config, std::string_view value) {
  size_t count = 0;
  const char* const end = value.data() + value.size();
  const auto result = std::from_chars(value.data(), end, count);
  if (result.ec != std::errc() || result.ptr != end) return "is not a whole number such as 40";
  if (count < Least || count > Most) {
    return "is not from " + std::to_string(Least) + " to " + std::to_string(Most);
  }
  config.limits.*Member = count;
  return "";
}

// At least so many bytes and so many pieces.
template <size_t Limits::*Member, size_t Least, size_t Pieces>
std::string apply_size(Config& config, std::string_view value) {
  const auto size = parse_size(value);
  if (!size) return "is not a size such as \"64KiB\" or \"16MiB\"";
  const size_t least = std::max(Least, Pieces * config.piece_size.bytes());
  if (*size < least) {
    std::string text = "is less than " + compact_size_text(least);
    if (least > Least) text += ", which is " + std::to_string(Pieces) + " pieces";
    return text;
  }
  if (*size > kLargest) return "is more than " + compact_size_text(kLargest);
  config.limits.*Member = static_cast<size_t>(*size);
  return "";
}

template <Duration Limits::*Member>
constexpr NodeOption duration(std::string_view name) {
  return NodeOption{name, "duration", apply_duration<Member>};
}
template <size_t Limits::*Member, size_t Least, size_t Most>
constexpr NodeOption count(std::string_view name) {
  return NodeOption{name, "count", apply_count<Member, Least, Most>};
}
template <size_t Limits::*Member, size_t Least, size_t Pieces = 0>
constexpr NodeOption size(std::string_view name) {
  return NodeOption{name, "size", apply_size<Member, Least, Pieces>};
}

// The most that a peer may ask and say is the protocol's, not ours to raise.
constexpr std::array kOptions{
    count<&Limits::unidentified_max, 1, 100'000>("unidentified_max"),
    count<&Limits::dialled_neighbours, 0, 10'000>("dialled_neighbours"),
    count<&Limits::accepted_neighbours_max, 0, 100'000>("accepted_neighbours_max"),
    count<&Limits::exchange_max, 0, 100'000>("exchange_max"),
    count<&Limits::dials_at_once_max, 1, 10'000>("dials_at_once_max"),
    duration<&Limits::dial_timeout>("dial_timeout"),
    duration<&Limits::unidentified_accepted>("unidentified_accepted"),
    duration<&Limits::presumed_legacy_after>("presumed_legacy_after"),
    duration<&Limits::keepalive_every>("keepalive_every"),
    duration<&Limits::quiet_after>("quiet_after"),
    duration<&Limits::silent_after>("silent_after"),
    duration<&Limits::frame_progress>("frame_progress"),
    duration<&Limits::write_stall>("write_stall"),
    duration<&Limits::linger>("linger"),
    duration<&Limits::flush>("flush"),
    duration<&Limits::exchange_idle>("exchange_idle"),
    duration<&Limits::guest_stay>("guest_stay"),
    duration<&Limits::pex_interval>("pex_interval"),
    count<&Limits::pex_records_max, 1, 50>("pex_records_max"),
    count<&Limits::book_max, 4, 1'000'000>("book_max"),
    duration<&Limits::handed_on_for>("handed_on_for"),
    duration<&Limits::save_book_every>("save_book_every"),
    duration<&Limits::first_feeler>("first_feeler"),
    duration<&Limits::feeler_every>("feeler_every"),
    count<&Limits::wants_per_peer_max, 1, 4096>("wants_per_peer_max"),
    count<&Limits::asks_per_peer_max, 1, 1024>("asks_per_peer_max"),
    size<&Limits::ask_bytes_per_peer_max, 1>("ask_bytes_per_peer_max"),
    size<&Limits::receive_budget_bytes, 1, 2>("receive_budget_bytes"),
    size<&Limits::send_ahead_bytes, 1>("send_ahead_bytes"),
    size<&Limits::control_ahead_bytes, 1024>("control_ahead_bytes"),
    duration<&Limits::ask_slow_after>("ask_slow_after"),
    duration<&Limits::ask_dead_after>("ask_dead_after"),
    duration<&Limits::legacy_answer>("legacy_answer"),
    duration<&Limits::legacy_retry>("legacy_retry"),
    size<&Limits::sync_every_bytes, 1>("sync_every_bytes"),
    duration<&Limits::sync_every>("sync_every"),
    count<&Limits::failed_asks_kept, 1, 1'000'000>("failed_asks_kept"),
    count<&Limits::story_pieces_max, 1, 1'000'000>("story_pieces_max"),
    count<&Limits::story_talks_max, 1, 1'000>("story_talks_max"),
    size<&Limits::upload_rate, 1>("upload_rate"),
    size<&Limits::download_rate, 1>("download_rate"),
};

// Every member of Limits is in the table: each takes eight bytes.
static_assert(kOptions.size() * sizeof(uint64_t) == sizeof(Limits));

}  // namespace

std::span<const NodeOption> node_options() { return kOptions; }

const NodeOption* find_node_option(std::string_view name) {
  for (const NodeOption& option : kOptions) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

}  // namespace p2p::sim
