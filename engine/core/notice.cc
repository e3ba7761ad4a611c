#include "engine/core/notice.h"

#include "engine/base/check.h"

namespace p2p {

namespace {

struct ReasonRow {
  CloseReason reason;
  bool fault;
  std::string_view text;
};

constexpr ReasonRow kReasons[] = {
    {CloseReason::bad_frame_length, true, "it sent a frame of wrong length"},
    {CloseReason::unknown_frame_type, true, "it sent a frame of unknown type"},
    {CloseReason::bad_frame_body, true, "it sent a frame whose parts don't add up"},
    {CloseReason::bad_piece, true, "it sent a piece that doesn't match its hash"},
    {CloseReason::piece_size_differs, false, "its piece size differs; use one --piece-size"},
    {CloseReason::own_connection, false, "it is this node itself"},
    {CloseReason::duplicate_connection, false, "there is another connection with it"},
    {CloseReason::too_many_wants, true, "it wants more pieces at once than the protocol allows"},
    {CloseReason::too_many_asks, true, "it asks for more pieces at once than the protocol allows"},
    {CloseReason::frame_too_slow, true, "it didn't finish a frame in time"},
    {CloseReason::silent, false, "it has been silent for too long"},
    {CloseReason::not_identified, false, "it connected and never said anything"},
    {CloseReason::slots_full, false, "there are enough connections"},
    {CloseReason::not_reading, true, "it doesn't read what it is sent"},
    {CloseReason::asks_unanswered, false, "it doesn't answer"},
    {CloseReason::shutting_down, false, "this node is shutting down"},
};

const ReasonRow& row_of(CloseReason reason) {
  for (const ReasonRow& row : kReasons) {
    if (row.reason == reason) return row;
  }
  check_failed("a close reason without a row");
}

}  // namespace

bool is_fault(CloseReason reason) { return row_of(reason).fault; }

std::string_view close_reason_text(CloseReason reason) { return row_of(reason).text; }

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
