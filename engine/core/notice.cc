#include "engine/core/notice.h"

#include "engine/base/check.h"

namespace p2p {

namespace {

struct ReasonRow {
  CloseReason reason;
  std::string_view name;
  uint32_t points;  // for the peer's address; 0: it is no fault of the peer
  bool in_order;    // what is queued goes out first: the peer is to learn something from it
  std::string_view text;
};

constexpr uint32_t kNoFault = 0;
constexpr uint32_t kSlowness = 20;  // a bad line may be the cause
constexpr uint32_t kViolation = 100;
constexpr uint32_t kWrongBytes = 200;  // they cost a whole piece

constexpr ReasonRow kReasons[] = {
    {CloseReason::bad_frame_length, "bad_frame_length", kViolation, false,
     "it sent a frame of wrong length"},
    {CloseReason::unknown_frame_type, "unknown_frame_type", kViolation, false,
     "it sent a frame of unknown type"},
    {CloseReason::bad_frame_body, "bad_frame_body", kViolation, false,
     "it sent a frame whose parts don't add up"},
    {CloseReason::bad_piece, "bad_piece", kWrongBytes, false,
     "it sent a piece that doesn't match its hash"},
    {CloseReason::piece_size_differs, "piece_size_differs", kNoFault, true,
     "its piece size differs; use one --piece-size"},
    {CloseReason::own_connection, "own_connection", kNoFault, true, "it is this node itself"},
    {CloseReason::duplicate_connection, "duplicate_connection", kNoFault, true,
     "there is another connection with it"},
    {CloseReason::too_many_wants, "too_many_wants", kViolation, false,
     "it wants more pieces at once than the protocol allows"},
    {CloseReason::too_many_asks, "too_many_asks", kViolation, false,
     "it asks for more pieces at once than the protocol allows"},
    {CloseReason::too_many_seeks, "too_many_seeks", kViolation, false,
     "it seeks more at once than it reads answers"},
    {CloseReason::frame_too_slow, "frame_too_slow", kSlowness, false,
     "it didn't finish a frame in time"},
    {CloseReason::silent, "silent", kNoFault, false, "it has been silent for too long"},
    {CloseReason::not_identified, "not_identified", kNoFault, false,
     "it connected and never said anything"},
    {CloseReason::slots_full, "slots_full", kNoFault, true, "there are enough connections"},
    {CloseReason::not_reading, "not_reading", kSlowness, false, "it doesn't read what it is sent"},
    {CloseReason::asks_unanswered, "asks_unanswered", kNoFault, false, "it doesn't answer"},
    {CloseReason::no_longer_needed, "no_longer_needed", kNoFault, true,
     "it has said what it knows"},
    {CloseReason::misbehaved, "misbehaved", kViolation, false, "it did too much that it must not"},
    {CloseReason::refused, "refused", kNoFault, false,
     "too many connections from there broke the protocol"},
    {CloseReason::shutting_down, "shutting_down", kNoFault, true, "this node is shutting down"},
};

const ReasonRow& row_of(CloseReason reason) {
  for (const ReasonRow& row : kReasons) {
    if (row.reason == reason) return row;
  }
  check_failed("a close reason without a row");
}

}  // namespace

bool is_fault(CloseReason reason) { return row_of(reason).points > 0; }

uint32_t fault_points(CloseReason reason) { return row_of(reason).points; }

bool closes_in_order(CloseReason reason) { return row_of(reason).in_order; }

std::string_view close_reason_text(CloseReason reason) { return row_of(reason).text; }

std::string_view close_reason_name(CloseReason reason) { return row_of(reason).name; }

std::string_view net_error_name(NetError error) {
  switch (error) {
    case NetError::end_of_stream:
      return "end_of_stream";
    case NetError::reset:
      return "reset";
    case NetError::refused:
      return "refused";
    case NetError::timed_out:
      return "timed_out";
    case NetError::unreachable:
      return "unreachable";
    case NetError::out_of_descriptors:
      return "out_of_descriptors";
    case NetError::other:
      return "other";
  }
  check_failed("a network error without a name");
}

std::string_view net_error_text(NetError error) {
  switch (error) {
    case NetError::end_of_stream:
      return "the connection was closed";
    case NetError::reset:
      return "the connection was reset";
    case NetError::refused:
      return "connection refused";
    case NetError::timed_out:
      return "no answer";
    case NetError::unreachable:
      return "no route to it";
    case NetError::out_of_descriptors:
      return "too many open files here";
    case NetError::other:
      return "the connection failed";
  }
  check_failed("a network error without a text");
}

}  // namespace p2p
