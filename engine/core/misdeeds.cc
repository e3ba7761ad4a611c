#include "engine/core/misdeeds.h"

#include <string_view>

#include "engine/base/check.h"

namespace p2p {

namespace {

struct MisdeedRow {
  Misdeed misdeed;
  uint32_t points;
  std::string_view text;
};

constexpr MisdeedRow kMisdeeds[] = {
    {Misdeed::unasked_piece, 2, "pieces that nobody asked for"},
    // A translating router in the middle may make an honest neighbour's lists such: of one each
    // 10 s at most 60 points are left (Points).
    {Misdeed::unacceptable_record, 1, "addresses that nobody can use"},
    {Misdeed::too_many_records, 5, "too many addresses of peers"},
};

const MisdeedRow& row_of(Misdeed misdeed) {
  for (const MisdeedRow& row : kMisdeeds) {
    if (row.misdeed == misdeed) return row;
  }
  check_failed("a misdeed without a row");
}

}  // namespace

void note_misdeed(Context& context, Connection& connection, Misdeed misdeed) {
  if (connection.legacy()) return;
  const MisdeedRow& row = row_of(misdeed);
  connection.misdeeds.add(row.points, context.now);
  if (connection.misdeeds.at(context.now) < kMisdeedsMax) return;
  context.connections.doom(connection, CloseReason::misbehaved, std::string(row.text));
}

}  // namespace p2p
