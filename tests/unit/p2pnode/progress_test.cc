#include "apps/p2pnode/progress.h"

#include <gtest/gtest.h>

#include "apps/common/counts.h"

namespace p2p::app::progress_test {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

Time at_s(int64_t seconds) { return Time() + Duration::seconds(seconds); }

TEST(Grouped, puts_commas_between_thousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(PartOf, uses_one_unit_for_both) {
  EXPECT_EQ(part_of(312 * kMiB, 1024 * kMiB), "312 of 1,024 MiB");
  EXPECT_EQ(part_of(17, 900), "17 of 900 bytes");
  EXPECT_EQ(part_of(0, 300 * kMiB), "0 of 300 MiB");
  EXPECT_EQ(part_of(3 * kMiB, 3 * kMiB), "3,072 of 3,072 KiB");
  EXPECT_EQ(part_of(uint64_t{1} << 59, uint64_t{1} << 60), "536,870,912 of 1,073,741,824 GiB");
}

TEST(RateMeter, knows_nothing_before_a_second_has_passed) {
  RateMeter meter;
  EXPECT_FALSE(meter.bytes_per_second().has_value());
  meter.sample(at_s(0), 0);
  meter.sample(Time() + Duration::milliseconds(900), 1000);
  EXPECT_FALSE(meter.bytes_per_second().has_value());
  meter.sample(at_s(2), 2000);
  EXPECT_EQ(meter.bytes_per_second(), 1000U);
}

TEST(RateMeter, forgets_what_was_long_ago) {
  RateMeter meter;
  for (int64_t s = 0; s <= 20; ++s)
    meter.sample(at_s(s), s < 10 ? 0 : 5000 * static_cast<uint64_t>(s - 10));
  EXPECT_EQ(meter.bytes_per_second(), 5000U);
  for (int64_t s = 21; s <= 40; ++s) meter.sample(at_s(s), 50000);
  EXPECT_EQ(meter.bytes_per_second(), 0U);
}

TEST(ProgressLine, says_bytes_rate_time_left_and_peers) {
  EXPECT_EQ(progress_line({25 * kMiB, 100 * kMiB, kMiB, 2}, 100),
            "25 of 100 MiB (25%), 1 MiB/s, 1 min 16 s left, 2 peers");
}

TEST(ProgressLine, says_how_many_pieces_are_checked) {
  EXPECT_EQ(progress_line({25 * kMiB, 100 * kMiB, std::nullopt, 1, 25, 100}, 100),
            "25 of 100 MiB (25%), 1 peer, 25 of 100 pieces checked");
}

TEST(SecondsLeft, are_known_when_the_size_and_the_rate_are) {
  EXPECT_EQ(seconds_left({25 * kMiB, 100 * kMiB, kMiB, 2}), 76U);
  EXPECT_FALSE(seconds_left({0, 0, kMiB, 2}));
  EXPECT_FALSE(seconds_left({0, kMiB, std::nullopt, 2}));
  EXPECT_FALSE(seconds_left({0, kMiB, 0, 2}));
  EXPECT_FALSE(seconds_left({0, uint64_t{1} << 60, 1, 2})) << "no estimate";
}

TEST(ProgressLine, before_the_size_is_known_says_what_it_waits_for) {
  EXPECT_EQ(progress_line({0, 0, std::nullopt, 1}, 100), "looking for the content, 1 peer");
}

TEST(ProgressLine, fits_the_terminal) {
  EXPECT_EQ(progress_line({kMiB, 100 * kMiB, kMiB, 2}, 20).size(), 19U);
  EXPECT_EQ(progress_line({0, 0, std::nullopt, 0}, 10).size(), 9U);
}

TEST(ProgressLine, of_all_but_a_byte_is_not_100_percent) {
  EXPECT_NE(progress_line({100 * kMiB - 1, 100 * kMiB, std::nullopt, 0}, 100).find("(99%)"),
            std::string::npos);
  EXPECT_NE(progress_line({(uint64_t{1} << 60) - 1, uint64_t{1} << 60, std::nullopt, 0}, 100)
                .find("(99%)"),
            std::string::npos);
}

}  // namespace
}  // namespace p2p::app::progress_test
