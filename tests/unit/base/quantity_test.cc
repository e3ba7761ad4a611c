#include "engine/base/quantity.h"

#include <gtest/gtest.h>

#include <limits>

namespace p2p {
namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

TEST(ParseSize, reads_bytes_binary_and_decimal_units) {
  EXPECT_EQ(parse_size("4096"), 4096u);
  EXPECT_EQ(parse_size("0"), 0u);
  EXPECT_EQ(parse_size("7B"), 7u);
  EXPECT_EQ(parse_size("128KiB"), 131072u);
  EXPECT_EQ(parse_size("1MiB"), 1048576u);
  EXPECT_EQ(parse_size("1 MiB"), 1048576u);
  EXPECT_EQ(parse_size("3GiB"), 3221225472u);
  EXPECT_EQ(parse_size("1TiB"), uint64_t{1} << 40);
  EXPECT_EQ(parse_size("2PiB"), uint64_t{1} << 51);
  EXPECT_EQ(parse_size("15EiB"), uint64_t{15} << 60);
  EXPECT_EQ(parse_size("1KB"), 1000u);
  EXPECT_EQ(parse_size("1kB"), 1000u);
  EXPECT_EQ(parse_size("5MB"), 5000000u);
  EXPECT_EQ(parse_size("18EB"), 18000000000000000000u);
}

TEST(ParseSize, refuses_bits_fractions_signs_and_stray_characters) {
  for (const char* text : {"", " ", "MiB", "1Mib", "1mib", "1M", "1k", "1.5MiB", "1,000", "-1",
                           "+1", " 1", "1 ", "1  MiB", "1MiB ", "1 MiB1", "0x10", "1e3", "1MiBs"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << '"' << text << '"';
  }
}

TEST(ParseSize, refuses_what_64_bits_do_not_hold) {
  EXPECT_EQ(parse_size("18446744073709551615"), kMax);
  EXPECT_EQ(parse_size("18446744073709551616"), std::nullopt);
  EXPECT_EQ(parse_size("16EiB"), std::nullopt);
  EXPECT_EQ(parse_size("19EB"), std::nullopt);
  EXPECT_EQ(parse_size("18014398509481984KiB"), std::nullopt);  // 2^64
  EXPECT_EQ(parse_size("18014398509481983KiB"), kMax - 1023);
}

TEST(ParseDuration, reads_each_unit) {
  EXPECT_EQ(parse_duration("250ms"), Duration::milliseconds(250));
  EXPECT_EQ(parse_duration("3s"), Duration::seconds(3));
  EXPECT_EQ(parse_duration("10min"), Duration::minutes(10));
  EXPECT_EQ(parse_duration("10 min"), Duration::minutes(10));
  EXPECT_EQ(parse_duration("1h"), Duration::minutes(60));
  EXPECT_EQ(parse_duration("0s"), Duration());
}

TEST(ParseDuration, refuses_a_missing_or_unknown_unit_fractions_and_signs) {
  for (const char* text :
       {"", "3", "s", "3 ", "3m", "3S", "1.5s", "-1s", "+1s", "3s ", "1h30min"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << '"' << text << '"';
  }
}

TEST(ParseDuration, refuses_what_a_duration_does_not_hold) {
  EXPECT_EQ(parse_duration("9223372036s"), Duration::seconds(9223372036));
  EXPECT_EQ(parse_duration("9223372037s"), std::nullopt);
  EXPECT_EQ(parse_duration("2562047h"), Duration::minutes(2562047 * 60));
  EXPECT_EQ(parse_duration("2562048h"), std::nullopt);
}

TEST(SizeText, rounds_to_tenths_of_a_binary_unit) {
  EXPECT_EQ(size_text(0), "0 B");
  EXPECT_EQ(size_text(999), "999 B");
  EXPECT_EQ(size_text(1023), "1023 B");
  EXPECT_EQ(size_text(1024), "1 KiB");
  EXPECT_EQ(size_text(1536), "1.5 KiB");
  EXPECT_EQ(size_text(131072), "128 KiB");
  EXPECT_EQ(size_text(1048576), "1 MiB");
  EXPECT_EQ(size_text(3145733), "3 MiB");
  EXPECT_EQ(size_text(kMax), "16 EiB");
}

TEST(SizeText, never_says_1024_of_a_unit) {
  EXPECT_EQ(size_text(1048524), "1023.9 KiB");
  EXPECT_EQ(size_text(1048525), "1 MiB");
}

TEST(CompactSizeText, is_exact) {
  EXPECT_EQ(compact_size_text(0), "0B");
  EXPECT_EQ(compact_size_text(1048576), "1MiB");
  EXPECT_EQ(compact_size_text(131072), "128KiB");
  EXPECT_EQ(compact_size_text(1536), "1536B");
  EXPECT_EQ(compact_size_text(1025 * 1024), "1025KiB");
  EXPECT_EQ(compact_size_text(uint64_t{15} << 60), "15EiB");
}

TEST(DurationText, names_at_most_two_units) {
  EXPECT_EQ(duration_text(Duration()), "0 ms");
  EXPECT_EQ(duration_text(Duration::milliseconds(250)), "250 ms");
  EXPECT_EQ(duration_text(Duration::seconds(3)), "3 s");
  EXPECT_EQ(duration_text(Duration::milliseconds(2500)), "2.5 s");
  EXPECT_EQ(duration_text(Duration::minutes(10)), "10 min");
  EXPECT_EQ(duration_text(Duration::seconds(90)), "1 min 30 s");
  EXPECT_EQ(duration_text(Duration::minutes(65)), "1 h 5 min");
  EXPECT_EQ(duration_text(Duration::minutes(120)), "2 h");
}

TEST(DurationText, carries_when_it_rounds_up) {
  EXPECT_EQ(duration_text(Duration::microseconds(999'400)), "999 ms");
  EXPECT_EQ(duration_text(Duration::microseconds(999'500)), "1 s");
  EXPECT_EQ(duration_text(Duration::milliseconds(59'949)), "59.9 s");
  EXPECT_EQ(duration_text(Duration::milliseconds(59'950)), "1 min");
  EXPECT_EQ(duration_text(Duration::milliseconds(3'599'499)), "59 min 59 s");
  EXPECT_EQ(duration_text(Duration::milliseconds(3'599'500)), "1 h");
}

TEST(DurationText, has_a_sign_for_what_is_past) {
  EXPECT_EQ(duration_text(Duration::seconds(-3)), "-3 s");
  EXPECT_EQ(duration_text(Duration::nanoseconds(std::numeric_limits<int64_t>::min())),
            "-2562047 h 47 min");
}

}  // namespace
}  // namespace p2p
