#include "apps/p2pnode/patience.h"

#include <gtest/gtest.h>

namespace p2p::app {
namespace {

Time at_s(int64_t seconds) { return Time() + Duration::seconds(seconds); }

TEST(Patience, ends_when_nothing_has_come_for_the_time) {
  Patience patience(at_s(0), Duration::seconds(3));
  patience.look(at_s(2), 0, 0);
  EXPECT_FALSE(patience.exhausted(at_s(2)));
  EXPECT_TRUE(patience.exhausted(at_s(3)));
}

TEST(Patience, begins_anew_with_every_piece) {
  Patience patience(at_s(0), Duration::seconds(3));
  patience.look(at_s(2), 1024, 0);
  EXPECT_FALSE(patience.exhausted(at_s(4)));
  EXPECT_TRUE(patience.exhausted(at_s(5)));
}

TEST(Patience, counts_bytes_of_a_piece_on_its_way) {
  Patience patience(at_s(0), Duration::seconds(3));
  patience.look(at_s(2), 0, Patience::kTalk);
  EXPECT_FALSE(patience.exhausted(at_s(4)));
}

TEST(Patience, is_not_renewed_by_what_peers_say_anyway) {
  Patience patience(at_s(0), Duration::seconds(3));
  for (int64_t s = 1; s <= 3; ++s) patience.look(at_s(s), 0, 1000);
  EXPECT_TRUE(patience.exhausted(at_s(3)));
}

TEST(Patience, still_counts_bytes_after_a_connection_has_gone) {
  Patience patience(at_s(0), Duration::seconds(3));
  patience.look(at_s(1), 0, 100 * Patience::kTalk);
  patience.look(at_s(2), 0, 0);  // it is gone, with its count
  patience.look(at_s(3), 0, Patience::kTalk);
  EXPECT_FALSE(patience.exhausted(at_s(5)));
}

TEST(Patience, without_a_timeout_has_no_end) {
  const Patience patience(at_s(0), std::nullopt);
  EXPECT_FALSE(patience.exhausted(at_s(1'000'000)));
}

TEST(Patience, says_that_it_waits_now_and_then) {
  Patience patience(at_s(0), std::nullopt);
  int said = 0;
  for (int64_t s = 0; s <= 180; ++s) said += patience.due_to_say(at_s(s)) ? 1 : 0;
  EXPECT_EQ(said, 5);  // after 10 s, 30 s, 1, 2 and 3 min
}

}  // namespace
}  // namespace p2p::app
