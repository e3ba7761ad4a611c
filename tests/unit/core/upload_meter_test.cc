#include "engine/exchange/upload_meter.h"

#include <gtest/gtest.h>

namespace p2p {
namespace {

constexpr size_t kOfFullSpeed = 60'000;  // bytes in 10 ms: 6 MB/s

// A link on which so much goes out every 10 ms.
struct Link {
  UploadMeter meter;
  Time now;

  void move(Duration duration, size_t bytes) {
    for (const Time end = now + duration; now < end; now = now + Duration::milliseconds(10)) {
      meter.moved(now, bytes);
    }
  }
};

TEST(UploadMeter, a_link_on_which_nothing_moves_idles_until_something_does) {
  Link link;
  EXPECT_TRUE(link.meter.idles(link.now));
  link.move(Duration::milliseconds(60), kOfFullSpeed);
  EXPECT_FALSE(link.meter.idles(link.now));
  link.now = link.now + Duration::seconds(2);
  EXPECT_TRUE(link.meter.idles(link.now));
}

TEST(UploadMeter, a_link_idles_when_less_goes_out_than_did_and_no_longer_when_as_much_does) {
  Link link;
  link.move(Duration::seconds(1), kOfFullSpeed);
  EXPECT_FALSE(link.meter.idles(link.now));
  link.move(Duration::milliseconds(300), kOfFullSpeed / 2);
  EXPECT_TRUE(link.meter.idles(link.now));
  link.move(Duration::milliseconds(300), kOfFullSpeed);
  EXPECT_FALSE(link.meter.idles(link.now));
}

TEST(UploadMeter, a_link_that_has_become_slow_counts_as_busy_after_a_while) {
  Link link;
  link.move(Duration::seconds(1), kOfFullSpeed);
  link.move(Duration::seconds(1), kOfFullSpeed / 2);
  EXPECT_TRUE(link.meter.idles(link.now));
  link.move(Duration::seconds(30), kOfFullSpeed / 2);
  EXPECT_FALSE(link.meter.idles(link.now));
}

TEST(UploadMeter, after_it_was_asked_the_next_step_is_to_come) {
  Link link;
  for (const int64_t ms : {0, 1, 50, 70, 10'000, 3'600'000}) {
    link.now = Time() + Duration::milliseconds(ms);
    link.meter.idles(link.now);
    EXPECT_GT(link.meter.next_step(), link.now);
    EXPECT_LE(link.meter.next_step(), link.now + UploadMeter::kStep);
  }
}

}  // namespace
}  // namespace p2p
