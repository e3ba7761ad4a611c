// What peers do that they must not, and that is too small to close a connection for: it adds up.
// Originals are not judged by it: nobody told them the rules.
#pragma once

#include "engine/core/context.h"

namespace p2p {

enum class Misdeed {
  unasked_piece,        // a whole piece that nobody asked for was read and dropped
  unacceptable_record,  // a list with records that acceptable_record() refuses
  too_many_records,     // a list beyond RecordAllowance
};

// At so many points a connection is closed: CloseReason::misbehaved.
inline constexpr uint32_t kMisdeedsMax = 100;

void note_misdeed(Context& context, Connection& connection, Misdeed misdeed);

}  // namespace p2p
