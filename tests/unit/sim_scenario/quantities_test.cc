// Rates, fractions and durations as text.
#include "io_sim/scenario/quantities.h"

#include <gtest/gtest.h>

#include <limits>

namespace p2p::sim {
namespace {

TEST(Rate, is_read_in_bits_and_bytes_a_second) {
  EXPECT_EQ(parse_rate("100Mbit"), 100'000'000U);
  EXPECT_EQ(parse_rate("20kbit"), 20'000U);
  EXPECT_EQ(parse_rate("7 bit"), 7U);
  EXPECT_EQ(parse_rate("8MB"), 64'000'000U);
  EXPECT_EQ(parse_rate("1kB"), parse_rate("1KB"));
  EXPECT_EQ(parse_rate("3B"), 24U);
}

TEST(Rate, is_refused_without_a_unit_or_with_another) {
  for (const char* text : {"", "5", "Mbit", "5 ", "5Mb", "5mbit", "5Mbit/s", "5  Mbit", "-5bit",
                           "1.5Mbit", "5MiB", "18446744073709551615kbit"}) {
    EXPECT_EQ(parse_rate(text), std::nullopt) << text;
  }
}

TEST(Rate, is_written_in_the_largest_unit_that_divides_it) {
  EXPECT_EQ(rate_text(2'000'000'000), "2Gbit");
  EXPECT_EQ(rate_text(1'500'000'000), "1500Mbit");
  EXPECT_EQ(rate_text(1'001), "1001bit");
  EXPECT_EQ(rate_text(0), "0bit");
}

TEST(Probability, is_read_from_a_fraction) {
  EXPECT_EQ(probability_of(0.0)->parts, 0U);
  EXPECT_EQ(probability_of(0.5)->parts, Probability::kOne / 2);
  EXPECT_EQ(probability_of(1.0)->parts, Probability::kOne);
  EXPECT_EQ(probability_of(0.01)->parts, 42'949'673U);
}

TEST(Probability, is_none_below_zero_or_beyond_one) {
  for (const double number : {-0.01, 1.01, std::numeric_limits<double>::quiet_NaN(),
                              std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(probability_of(number), std::nullopt) << number;
  }
}

TEST(Probability, is_written_as_short_as_it_was_said) {
  EXPECT_EQ(probability_text(*probability_of(0.01)), "0.01");
  EXPECT_EQ(probability_text(*probability_of(0.5)), "0.5");
  EXPECT_EQ(probability_text(*probability_of(0.0)), "0.0");
  EXPECT_EQ(probability_text(*probability_of(1.0)), "1.0");
  EXPECT_EQ(probability_text(*probability_of(0.001)), "0.001");
  EXPECT_EQ(probability_text(Probability{1}), "0.0000000002");
}

TEST(Share, is_exact_for_six_decimals) {
  EXPECT_EQ(share_of(0.3)->millionths, 300'000U);
  EXPECT_EQ(share_of(0.99)->millionths, 990'000U);
  EXPECT_EQ(share_of(0.000001)->millionths, 1U);
  EXPECT_EQ(share_of(1.0)->millionths, Share::kAll);
  for (uint32_t part = 1; part <= Share::kAll; part += 997) {
    const Share share{part};
    EXPECT_TRUE(share.reached_by(part, Share::kAll));
    EXPECT_FALSE(share.reached_by(part - 1, Share::kAll));
    EXPECT_TRUE(share.keeps(part, Share::kAll));
    EXPECT_FALSE(share.keeps(part + 1, Share::kAll));
  }
}

TEST(Share, is_none_at_zero_beyond_one_or_between_the_decimals) {
  for (const double number : {0.0, -0.5, 1.000001, 0.0000005, 0.1234567, 1.0 / 3,
                              std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(share_of(number), std::nullopt) << number;
  }
}

TEST(Share, is_written_as_short_as_it_was_said) {
  EXPECT_EQ(share_text({300'000}), "0.3");
  EXPECT_EQ(share_text({990'000}), "0.99");
  EXPECT_EQ(share_text({1}), "0.000001");
  EXPECT_EQ(share_text({Share::kAll}), "1.0");
}

TEST(ExactDuration, is_written_in_the_largest_unit_that_divides_it) {
  EXPECT_EQ(exact_duration_text(Duration::minutes(120)), "2h");
  EXPECT_EQ(exact_duration_text(Duration::minutes(90)), "90min");
  EXPECT_EQ(exact_duration_text(Duration::seconds(61)), "61s");
  EXPECT_EQ(exact_duration_text(Duration::milliseconds(1'500)), "1500ms");
  EXPECT_EQ(exact_duration_text(Duration()), "0s");
}

TEST(ExactDuration, is_rounded_up_to_a_millisecond) {
  EXPECT_EQ(exact_duration_text(Duration::nanoseconds(1)), "1ms");
}

}  // namespace
}  // namespace p2p::sim
