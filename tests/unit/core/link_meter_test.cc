#include "engine/exchange/link_meter.h"

#include <gtest/gtest.h>

namespace p2p {
namespace {

constexpr size_t kPiece = size_t{1} << 20;
constexpr size_t kOfFullSpeed = 120'000;  // bytes in 10 ms: 12 MB/s

// A link on which so much goes out every 10 ms.
struct Link {
  LinkMeter meter{kPiece};
  Time now = Time() + Duration::minutes(1);

  void move(Duration duration, size_t bytes) {
    for (const Time end = now + duration; now < end; now = now + Duration::milliseconds(10)) {
      meter.moved(now, bytes);
    }
  }
  bool idles() const { return meter.idles(now); }
  // How many of the steps of 10 ms in `duration` it idles in.
  unsigned idle_steps(Duration duration, size_t bytes) {
    unsigned idle = 0;
    for (const Time end = now + duration; now < end;) {
      move(Duration::milliseconds(10), bytes);
      if (idles()) ++idle;
    }
    return idle;
  }
};

TEST(LinkMeter, nothing_is_known_of_a_link_before_something_has_moved_but_that_it_idles) {
  Link link;
  EXPECT_TRUE(link.idles());
  EXPECT_EQ(link.meter.least_time(kPiece), Duration());
  link.move(Duration::milliseconds(50), kOfFullSpeed);
  EXPECT_FALSE(link.idles());
}

TEST(LinkMeter, what_a_piece_takes_at_least_is_known_by_the_fastest_that_went_out) {
  Link link;
  link.move(Duration::seconds(1), kOfFullSpeed);
  link.move(Duration::seconds(1), kOfFullSpeed / 10);
  const Duration piece = link.meter.least_time(kPiece);
  EXPECT_GT(piece, Duration::milliseconds(80));  // 87 ms at 12 MB/s
  EXPECT_LT(piece, Duration::milliseconds(100));
}

TEST(LinkMeter, a_link_idles_when_less_goes_out_than_did_and_no_longer_when_as_much_does) {
  Link link;
  link.move(Duration::milliseconds(400), kOfFullSpeed);
  EXPECT_FALSE(link.idles());
  link.move(Duration::milliseconds(100), kOfFullSpeed / 2);
  EXPECT_TRUE(link.idles());
  link.move(Duration::milliseconds(400), kOfFullSpeed);
  EXPECT_LE(link.idle_steps(Duration::milliseconds(500), kOfFullSpeed), 6U);  // one try
}

TEST(LinkMeter, a_link_on_which_nothing_more_moves_idles_from_when_it_said) {
  Link link;
  link.move(Duration::milliseconds(400), kOfFullSpeed);
  const Time from = link.meter.idle_from();
  EXPECT_GT(from, link.now);
  EXPECT_LT(from, link.now + Duration::milliseconds(100));
  EXPECT_FALSE(link.meter.idles(from - Duration::nanoseconds(1)));
  EXPECT_TRUE(link.meter.idles(from));
}

// A transport takes what it has room for at once, whatever the link does.
TEST(LinkMeter, what_a_transport_takes_at_once_does_not_make_a_slow_link_idle) {
  for (const size_t full_speed : {kOfFullSpeed, kOfFullSpeed / 10}) {
    Link link;
    link.meter.moved(link.now, 128 << 10);
    unsigned idle = link.idle_steps(Duration::seconds(6), full_speed);
    EXPECT_LT(idle, 60U) << full_speed << " bytes in 10 ms";  // but for the tries
  }
}

TEST(LinkMeter, a_link_that_has_become_slow_counts_as_busy_after_a_while) {
  Link link;
  link.move(Duration::seconds(1), kOfFullSpeed);
  link.move(Duration::seconds(1), kOfFullSpeed / 2);
  EXPECT_TRUE(link.idles());
  link.move(Duration::seconds(30), kOfFullSpeed / 2);
  EXPECT_LT(link.idle_steps(Duration::seconds(1), kOfFullSpeed / 2), 20U);
}

// Otherwise a link that never was full would not be found to have room.
TEST(LinkMeter, now_and_then_one_more_is_tried_and_ever_more_seldom_when_that_makes_no_difference) {
  Link link;
  const unsigned at_first = link.idle_steps(Duration::seconds(4), kOfFullSpeed);
  const unsigned later = link.idle_steps(Duration::seconds(4), kOfFullSpeed);
  link.idle_steps(Duration::seconds(16), kOfFullSpeed);
  const unsigned last = link.idle_steps(Duration::seconds(4), kOfFullSpeed);
  EXPECT_GT(at_first, 0U);
  EXPECT_GT(at_first, later);
  EXPECT_LE(last, later);
  // More went out: it is tried again soon.
  link.move(Duration::milliseconds(600), kOfFullSpeed);
  while (!link.idles()) link.move(Duration::milliseconds(10), kOfFullSpeed);
  link.move(Duration::milliseconds(300), kOfFullSpeed * 2);
  EXPECT_GT(link.idle_steps(Duration::seconds(1), kOfFullSpeed * 2), 0U);
}

// A peer that takes a byte a second keeps nobody from taking the rest of the link.
TEST(LinkMeter, a_link_on_which_next_to_nothing_moves_idles) {
  Link link;
  link.meter.moved(link.now, kPiece / 2);
  EXPECT_FALSE(link.idles());
  for (int i = 0; i < 3; ++i) {
    link.now = link.now + Duration::milliseconds(600);
    link.meter.moved(link.now, 1);
  }
  EXPECT_TRUE(link.idles());
}

TEST(LinkMeter, after_a_pause_it_begins_anew) {
  Link link;
  link.move(Duration::milliseconds(400), kOfFullSpeed);
  link.now = link.now + Duration::minutes(10);
  EXPECT_TRUE(link.idles());
  link.move(Duration::milliseconds(10), kOfFullSpeed);
  EXPECT_FALSE(link.idles());
  EXPECT_LT(link.meter.least_time(kPiece), Duration::milliseconds(100));
}

TEST(LinkMeter, however_long_a_step_is_it_ends) {
  Link slow;
  slow.move(Duration::minutes(5), 100);  // 10 KB/s
  EXPECT_LE(slow.meter.step(), Duration::seconds(1));
  Link quick;
  for (int i = 0; i < 1000; ++i) quick.meter.moved(quick.now, kPiece);  // all at once
  EXPECT_FALSE(quick.idles());
  EXPECT_GE(quick.meter.step(), Duration::milliseconds(50));
}

}  // namespace
}  // namespace p2p
